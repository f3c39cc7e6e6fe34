package emulator

import (
	"regexp"
	"sync"
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

// iamShapes are the shapes by the names of parameters, and TagKey and TagValue
// for the parts of Tags.
var iamShapes = sync.OnceValue(func() map[string]iamShape {
	name := regexp.MustCompile(`^[\w+=,.@-]+$`)
	document := iamShape{least: 1, most: 131_072, pattern: regexp.MustCompile(`^[\x{0009}\x{000A}\x{000D}\x{0020}-\x{00FF}]+$`)}
	anARN := iamShape{least: 20, most: 2048}
	flag := []string{"true", "false"}
	tagKey := iamShape{least: 1, most: 128, pattern: regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$`)}
	tagKeys := tagKey
	tagKeys.list = true
	return map[string]iamShape{
		"RoleName":                 {least: 1, most: 64, pattern: name},
		"PolicyName":               {least: 1, most: 128, pattern: name},
		"Path":                     {least: 1, most: 512, pattern: regexp.MustCompile(`^(/|/[\x{0021}-\x{007E}]+/)$`)},
		"PathPrefix":               {least: 1, most: 512, pattern: regexp.MustCompile(`^/[\x{0021}-\x{007F}]*$`)},
		"Description":              {most: 1000, pattern: regexp.MustCompile(`^[\x{0009}\x{000A}\x{000D}\x{0020}-\x{007E}\x{00A1}-\x{00FF}]*$`)},
		"MaxSessionDuration":       {least: 3600, most: 43_200, number: true},
		"MaxItems":                 {least: 1, most: 1000, number: true},
		"Marker":                   {least: 1, most: 320, pattern: regexp.MustCompile(`^[\x{0020}-\x{00FF}]+$`)},
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
		"TagValue":                 {most: 256, pattern: regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)},
		"VersionId":                {least: 1, most: 64, pattern: regexp.MustCompile(`^v[1-9][0-9]*(\.[A-Za-z0-9-]*)?$`)},
		"SetAsDefault":             {least: 1, most: 5, words: flag},
		"OnlyAttached":             {least: 1, most: 5, words: flag},
		"Scope":                    {least: 1, most: 5, words: []string{"All", "AWS", "Local"}},
		"PolicyUsageFilter":        {least: 1, most: 32, words: []string{"PermissionsPolicy", "PermissionsBoundary"}},
	}
})
