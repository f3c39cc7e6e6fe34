package access

import (
	"github.com/adit-hq/adit/internal/fault"

	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Tags become session tags of AWS: these are its rules (STS API reference, Tag;
// IAM user guide, tagging in AWS STS: names that differ in case only are one).
const (
	maxTags     = 20 // of AWS's 50, some are Adit's own and some stay free
	maxTagName  = 128
	maxTagValue = 256
)

var tagPattern = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

// ownTags are the names under which Adit itself tags a session.
const ownTags = "organization environment key"

// checkTags notes what is wrong with tags.
func checkTags(f *fault.Inputs, tags map[string]string) {
	if len(tags) > maxTags {
		f.Add("tags", "there are %d tags; a session can carry at most %d", len(tags), maxTags)
		return // a list of hundreds of faults helps nobody
	}
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		lower := strings.ToLower(name)
		switch {
		case name == "" || utf8.RuneCountInString(name) > maxTagName || !tagPattern.MatchString(name):
			f.Add("tags", "a tag's name must have 1 to %d letters, digits, spaces or _ . : / = + - @, as AWS requires", maxTagName)
		case strings.HasPrefix(lower, "aws:") || slices.Contains(strings.Fields(ownTags), lower):
			f.Add("tags", "the tag %q is reserved: AWS reserves names that begin with aws:, and Adit sets organization, environment and key", name)
		case seen[lower]:
			f.Add("tags", "the tag %q is there twice; AWS ignores upper and lower case", name)
		}
		seen[lower] = true
		if value := tags[name]; utf8.RuneCountInString(value) > maxTagValue || !tagPattern.MatchString(value) {
			f.Add("tags", "a tag's value must have at most %d letters, digits, spaces or _ . : / = + - @, as AWS requires", maxTagValue)
		}
	}
}
