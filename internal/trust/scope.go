package trust

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
)

// What callers without a key may do is bounded as for those with one, and the
// bounds and words are those of API keys; a test holds the two together.
const (
	maxList       = 200
	maxModelName  = 2048 // an ARN may be one
	maxPerMinute  = 10_000_000
	maxConcurrent = 1_000_000
	maxTags       = 20
	maxTagName    = 128
	maxTagValue   = 256
)

// checkEnvironments turns names into ids.
func (r *Registry) checkEnvironments(f *fault.Inputs, i *Issuer, had []string) {
	i.Environments = everything(i.Environments)
	if i.Environments == nil {
		return
	}
	if len(i.Environments) == 0 || len(i.Environments) > maxList {
		f.Add("environments", "the list of environments has 1 to %d entries; leave it out for all", maxList)
		return
	}
	ids := make([]string, 0, len(i.Environments))
	for _, name := range i.Environments {
		id, err := r.settings.Tenants.EnvironmentID(i.Organization, name)
		if err != nil && !slices.Contains(had, name) {
			f.Add("environments", "the organization has no environment %.80q", name)
			continue
		}
		if err != nil {
			id = name
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	i.Environments = ids
}

func checkModels(f *fault.Inputs, i *Issuer) {
	i.Models = everything(i.Models)
	if i.Models == nil {
		return
	}
	if len(i.Models) == 0 || len(i.Models) > maxList {
		f.Add("models", "the list of models has 1 to %d entries; leave it out for all", maxList)
		return
	}
	for _, name := range i.Models {
		if name == "" || len(name) > maxModelName || !utf8.ValidString(name) ||
			strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
			f.Add("models", "a model's name has 1 to %d printable characters and no spaces", maxModelName)
		}
	}
	i.Models = slices.Compact(slices.Sorted(slices.Values(i.Models)))
}

// everything turns "*" alone into the nil that means all.
func everything(list []string) []string {
	if len(list) == 1 && list[0] == "*" {
		return nil
	}
	return list
}

func checkLimits(f *fault.Inputs, l caller.Limits) {
	if l.PerMinute < 0 || l.PerMinute > maxPerMinute {
		f.Add("limits.requests_per_minute", "the limit of requests per minute is 0 (none) to %d", maxPerMinute)
	}
	if l.Concurrent < 0 || l.Concurrent > maxConcurrent {
		f.Add("limits.max_concurrent", "the limit of requests at once is 0 (none) to %d", maxConcurrent)
	}
}

var tagPattern = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

// checkTags holds tags to what AWS takes as session tags (STS API reference, Tag).
func checkTags(f *fault.Inputs, tags map[string]string) {
	if len(tags) > maxTags {
		f.Add("tags", "there are %d tags; at most %d fit into a session", len(tags), maxTags)
		return
	}
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		lower := strings.ToLower(name)
		switch {
		case name == "" || utf8.RuneCountInString(name) > maxTagName || !tagPattern.MatchString(name):
			f.Add("tags", "a tag's name has 1 to %d letters, digits, spaces or _ . : / = + - @, as AWS takes it", maxTagName)
		case strings.HasPrefix(lower, "aws:") || lower == "organization" || lower == "environment" || lower == "key":
			f.Add("tags", "the tag %q is not yours to set: names that begin with aws: are AWS's, and organization, environment and key are set by Adit", name)
		case seen[lower]:
			f.Add("tags", "the tag %q is there twice; AWS does not tell upper and lower case apart", name)
		}
		seen[lower] = true
		if value := tags[name]; utf8.RuneCountInString(value) > maxTagValue || !tagPattern.MatchString(value) {
			f.Add("tags", "a tag's value has at most %d letters, digits, spaces or _ . : / = + - @, as AWS takes it", maxTagValue)
		}
	}
}
