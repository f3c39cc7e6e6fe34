package emulator

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// iamShape is what a parameter may look like, by AWS's service model of IAM.
// Lengths are counted in characters.
type iamShape struct {
	least, most int // length, or value of a number
	pattern     *regexp.Regexp
	words       []string // a closed set
	number      bool
	list        bool // the rest speaks of its members
}

// check says what is wrong with one value.
func (s iamShape) check(member, value string) (faults []string) {
	wrong := func(rule string) {
		faults = append(faults, "Value at '"+member+"' failed to satisfy constraint: "+rule)
	}
	n := utf8.RuneCountInString(value)
	if s.number {
		v, err := strconv.Atoi(value)
		switch {
		case err != nil:
			wrong("Member must be a number")
		case v < s.least:
			wrong(fmt.Sprintf("Member must have value greater than or equal to %d", s.least))
		case v > s.most:
			wrong(fmt.Sprintf("Member must have value less than or equal to %d", s.most))
		}
		return faults
	}
	if n < s.least {
		wrong(fmt.Sprintf("Member must have length greater than or equal to %d", s.least))
	}
	if n > s.most {
		wrong(fmt.Sprintf("Member must have length less than or equal to %d", s.most))
	}
	if s.pattern != nil && n > 0 && !s.pattern.MatchString(value) {
		wrong("Member must satisfy regular expression pattern: " + s.pattern.String())
	}
	if s.words != nil && !slices.Contains(s.words, value) {
		wrong("Member must satisfy enum value set: [" + strings.Join(s.words, ", ") + "]")
	}
	return faults
}

// The patterns of AWS's service model.
var (
	iamName        = regexp.MustCompile(`^[\w+=,.@-]+$`)
	iamPath        = regexp.MustCompile(`^(/|/[\x{0021}-\x{007E}]+/)$`)
	iamPathPrefix  = regexp.MustCompile(`^/[\x{0021}-\x{007F}]*$`)
	iamDescription = regexp.MustCompile(`^[\x{0009}\x{000A}\x{000D}\x{0020}-\x{007E}\x{00A1}-\x{00FF}]*$`)
	iamMarker      = regexp.MustCompile(`^[\x{0020}-\x{00FF}]+$`)
	iamDocument    = regexp.MustCompile(`^[\x{0009}\x{000A}\x{000D}\x{0020}-\x{00FF}]+$`)
	iamTagKey      = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$`)
	iamTagValue    = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
	iamVersionID   = regexp.MustCompile(`^v[1-9][0-9]*(\.[A-Za-z0-9-]*)?$`)
)

// iamShapes are the shapes by the names of parameters, and TagKey and TagValue
// for the parts of Tags.
func iamShapes() map[string]iamShape {
	document := iamShape{least: 1, most: 131_072, pattern: iamDocument}
	anARN := iamShape{least: 20, most: 2048}
	flag := []string{"true", "false"}
	tagKey := iamShape{least: 1, most: 128, pattern: iamTagKey}
	tagKeys := tagKey
	tagKeys.list = true
	return map[string]iamShape{
		"RoleName":                 {least: 1, most: 64, pattern: iamName},
		"PolicyName":               {least: 1, most: 128, pattern: iamName},
		"Path":                     {least: 1, most: 512, pattern: iamPath},
		"PathPrefix":               {least: 1, most: 512, pattern: iamPathPrefix},
		"Description":              {most: 1000, pattern: iamDescription},
		"MaxSessionDuration":       {least: 3600, most: 43_200, number: true},
		"MaxItems":                 {least: 1, most: 1000, number: true},
		"Marker":                   {least: 1, most: 320, pattern: iamMarker},
		"AssumeRolePolicyDocument": document,
		"PolicyDocument":           document,
		"PermissionsBoundary":      anARN,
		"PolicyArn":                anARN,
		"OpenIDConnectProviderArn": anARN,
		"Url":                      {least: 1, most: 255},
		"ClientID":                 {least: 1, most: 255},
		"ClientIDList":             {least: 1, most: 255, list: true},
		"ThumbprintList":           {least: 40, most: 40, list: true},
		"Tags":                     {list: true},
		"TagKeys":                  tagKeys,
		"TagKey":                   tagKey,
		"TagValue":                 {most: 256, pattern: iamTagValue},
		"VersionId":                {least: 1, most: 64, pattern: iamVersionID},
		"SetAsDefault":             {least: 1, most: 5, words: flag},
		"OnlyAttached":             {least: 1, most: 5, words: flag},
		"Scope":                    {least: 1, most: 5, words: []string{"All", "AWS", "Local"}},
		"PolicyUsageFilter":        {least: 1, most: 32, words: []string{"PermissionsPolicy", "PermissionsBoundary"}},
	}
}
