package emulator

import (
	"slices"
	"strings"
)

const (
	// maxTags is IAM's quota of tags on one resource.
	maxTags         = 50
	textTooManyTags = "The number of tags has reached the maximum limit of 50."
)

// mergeTags writes tags over those of the same key, which IAM compares without
// regard to case, and adds the others.
func mergeTags(old, fresh []Tag) ([]Tag, error) {
	for _, t := range fresh {
		at := slices.IndexFunc(old, func(o Tag) bool { return strings.EqualFold(o.Key, t.Key) })
		if at >= 0 {
			old[at] = t
			continue
		}
		old = append(old, t)
	}
	if len(old) > maxTags {
		return nil, iamError("LimitExceeded", textTooManyTags)
	}
	return old, nil
}

// withoutTags drops tags by key; a key that is not there is no error.
func withoutTags(old []Tag, keys []string) []Tag {
	return slices.DeleteFunc(old, func(t Tag) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, t.Key) })
	})
}

// tagsXML is a Tags element, sorted as IAM lists tags.
func tagsXML(tags []Tag) string {
	items := make([]string, 0, len(tags))
	for _, t := range sortedTags(tags) {
		items = append(items, element("Key", t.Key)+element("Value", t.Value))
	}
	return members("Tags", items)
}

// someTags is tagsXML, or nothing where there are none.
func someTags(tags []Tag) string {
	if len(tags) == 0 {
		return ""
	}
	return tagsXML(tags)
}

func sortedTags(tags []Tag) []Tag {
	sorted := slices.Clone(tags)
	slices.SortFunc(sorted, func(a, b Tag) int { return strings.Compare(a.Key, b.Key) })
	return sorted
}

// listTags answers one page of tags.
func (c *iamCall) listTags(tags []Tag) (string, *awsError) {
	sorted := sortedTags(tags)
	from, to, tail, err := c.page(len(sorted))
	if err != nil {
		return "", err
	}
	return tagsXML(sorted[from:to]) + tail, nil
}
