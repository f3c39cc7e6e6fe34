package studio

import "strings"

// region is an AWS region and the place that people know it by.
type region struct{ Code, Place string }

// regions are those that the forms suggest: where Amazon Bedrock has a runtime
// endpoint (AWS General Reference, Amazon Bedrock endpoints and quotas). AWS adds
// some every year, so they are suggestions; the API decides what is a region.
func regions() []region {
	return []region{
		{"us-east-1", "US East, N. Virginia"},
		{"us-east-2", "US East, Ohio"},
		{"us-west-1", "US West, N. California"},
		{"us-west-2", "US West, Oregon"},
		{"ca-central-1", "Canada, Central"},
		{"ca-west-1", "Canada, Calgary"},
		{"sa-east-1", "South America, São Paulo"},
		{"eu-central-1", "Europe, Frankfurt"},
		{"eu-central-2", "Europe, Zurich"},
		{"eu-north-1", "Europe, Stockholm"},
		{"eu-south-1", "Europe, Milan"},
		{"eu-south-2", "Europe, Spain"},
		{"eu-west-1", "Europe, Ireland"},
		{"eu-west-2", "Europe, London"},
		{"eu-west-3", "Europe, Paris"},
		{"af-south-1", "Africa, Cape Town"},
		{"il-central-1", "Israel, Tel Aviv"},
		{"me-central-1", "Middle East, UAE"},
		{"me-south-1", "Middle East, Bahrain"},
		{"ap-east-2", "Asia Pacific, Taipei"},
		{"ap-northeast-1", "Asia Pacific, Tokyo"},
		{"ap-northeast-2", "Asia Pacific, Seoul"},
		{"ap-northeast-3", "Asia Pacific, Osaka"},
		{"ap-south-1", "Asia Pacific, Mumbai"},
		{"ap-south-2", "Asia Pacific, Hyderabad"},
		{"ap-southeast-1", "Asia Pacific, Singapore"},
		{"ap-southeast-2", "Asia Pacific, Sydney"},
		{"ap-southeast-3", "Asia Pacific, Jakarta"},
		{"ap-southeast-4", "Asia Pacific, Melbourne"},
		{"us-gov-east-1", "AWS GovCloud, US-East"},
		{"us-gov-west-1", "AWS GovCloud, US-West"},
	}
}

// placeOf is where a region is; "" for one that is not among the suggestions.
func placeOf(code string) string {
	for _, r := range regions() {
		if r.Code == code {
			return r.Place
		}
	}
	return ""
}

// partitionOf is the AWS partition of a region, which its ARNs begin with.
func partitionOf(code string) string {
	switch {
	case strings.HasPrefix(code, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(code, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}
