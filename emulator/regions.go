package emulator

import "strings"

// regions are the Regions in which AWS offers STS (botocore's endpoint data),
// with GovCloud's and China's. The emulator offers Bedrock in each but China's.
const regions = " af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2" +
	" ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7" +
	" ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3" +
	" il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2" +
	" us-gov-east-1 us-gov-west-1 cn-north-1 cn-northwest-1 "

func knownRegion(name string) bool {
	return name != "" && !strings.Contains(name, " ") && strings.Contains(regions, " "+name+" ")
}

func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	}
	return "aws"
}

// iamRegion is the Region that IAM has in a Region's partition: it is a global
// service with one endpoint for each.
func iamRegion(region string) string {
	switch partitionOf(region) {
	case "aws-us-gov":
		return "us-gov-west-1"
	case "aws-cn":
		return "cn-north-1"
	}
	return "us-east-1"
}

// awsHost splits "bedrock-runtime.us-east-1.amazonaws.com" into its endpoint
// name and Region; ok is false for hosts that are not AWS's, where nothing can
// be concluded. STS's global host and IAM's belong to us-east-1. China's hosts end in
// .amazonaws.com.cn, and only they do: a Region under the wrong one of the two
// endings comes back as "", which no Region is.
func awsHost(host string) (endpoint, region string, ok bool) {
	host, _, _ = strings.Cut(strings.ToLower(host), ":")
	rest, china := strings.CutSuffix(host, ".amazonaws.com.cn")
	if !china {
		if rest, ok = strings.CutSuffix(host, ".amazonaws.com"); !ok {
			return "", "", false
		}
	}
	switch {
	case rest == "sts" && !china, rest == "iam" && !china:
		return rest, "us-east-1", true
	case rest == "iam.us-gov":
		return "iam", "us-gov-west-1", true
	}
	endpoint, region, ok = strings.Cut(rest, ".")
	if china != strings.HasPrefix(region, "cn-") {
		region = ""
	}
	return strings.TrimSuffix(endpoint, "-fips"), region, ok
}
