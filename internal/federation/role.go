package federation

import (
	"regexp"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// endpoint returns the regional STS endpoint. Regional tokens hold in all
// regions, and AWS asks for the regional endpoint (AWS general reference, STS endpoints).
func endpoint(region string) (string, error) {
	// The region stands in a host name: nothing but a region may.
	if !regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]{1,2}$`).MatchString(region) || len(region) > 32 {
		return "", fault.New(fault.Config, "the environment's region is not valid").WithCode("region").
			WithRemedy("Set it to one such as us-east-1.")
	}
	if strings.HasPrefix(region, "cn-") {
		return "https://sts." + region + ".amazonaws.com.cn/", nil
	}
	return "https://sts." + region + ".amazonaws.com/", nil
}
