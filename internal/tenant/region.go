package tenant

import (
	"regexp"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// regionPattern is what AWS's region codes look like. Host names are made of a
// region, so nothing else may pass.
var regionPattern = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)

// Partition returns the AWS partition of a region: aws, aws-cn or aws-us-gov. A
// region of another one, and what is no region, is a fault of kind Invalid.
func Partition(region string) (string, error) {
	if len(region) > 32 || !regionPattern.MatchString(region) {
		return "", fault.New(fault.Invalid, "this is not an AWS region; use one such as us-east-1, eu-central-1 or us-gov-west-1").WithCode("invalid_input")
	}
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn", nil
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov", nil
	case strings.Contains(region, "-iso"): // us-iso-, us-isob-, us-isof-, eu-isoe-
		return "", fault.New(fault.Invalid, "%s is in an isolated AWS partition, which cannot be reached from outside and is not supported", region).
			WithCode("invalid_input")
	}
	return "aws", nil
}

// checkRegion notes what is wrong with a region that came under the field
// "region" or "endpoint_url", and returns its partition, or "".
func checkRegion(f *fault.Inputs, field, region string) string {
	if region == "" {
		f.Add(field, "the environment needs a region, such as us-east-1")
		return ""
	}
	partition, err := Partition(region)
	switch {
	case err == nil:
		return partition
	case field == endpointURL && !regionPattern.MatchString(region):
		// The value is not repeated: an address may carry a password.
		f.Add(field, "endpoint_url must be an AWS region, such as us-east-1, not an address: Adit derives the addresses of AWS's services "+
			"from the region, so that nobody can point it elsewhere")
	default:
		f.Add(field, "%s", fault.From(err).Message)
	}
	return ""
}
