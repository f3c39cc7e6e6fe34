package spicepod

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// regions are those where AWS offered Bedrock when this was written. They
// serve for "did you mean" only: a region that is not here is not refused.
var regions = [...]string{
	"us-east-1", "us-east-2", "us-west-1", "us-west-2", "us-gov-east-1", "us-gov-west-1", "ca-central-1", "ca-west-1", "sa-east-1",
	"mx-central-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3",
	"ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2",
	"ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-7", "me-central-1", "me-south-1", "af-south-1", "il-central-1",
}

var regionForm = regexp.MustCompile(`^[a-z]{2,5}(-[a-z]{2,12}){1,3}-[0-9]{1,2}$`)

func checkRegion(text string) string {
	if !regionForm.MatchString(text) {
		return "is not an AWS region; use one such as us-east-1"
	}
	return ""
}

func checkPrintable(text string) string {
	if strings.ContainsFunc(text, unicode.IsControl) || strings.TrimSpace(text) != text {
		return "has leading or trailing spaces, or control characters"
	}
	return ""
}

func checkToken(text string) string {
	if strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return "has a space, a line break or another character that is not valid in an AWS key"
	}
	return ""
}

func checkURL(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return "is not an http or https URL such as http://localhost:4566"
	case u.User != nil:
		return "contains a user or password, which would end up in logs"
	case u.RawQuery != "" || u.Fragment != "":
		return "has a query or a fragment, which an endpoint cannot have"
	}
	return ""
}
