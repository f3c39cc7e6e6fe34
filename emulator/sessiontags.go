package emulator

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Limits of session tags (IAM user guide, "Pass session tags in AWS STS").
const (
	maxSessionTags = 50
	maxTagKey      = 128
	maxTagValue    = 256
)

var tagText = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

// readSessionTags reads the claim that carries session tags:
//
//	{"principal_tags": {"team": ["search"]}, "transitive_tag_keys": ["team"]}
func readSessionTags(v value) (tags []Tag, transitive []string, err error) {
	if v.kind != kindObject {
		return nil, nil, errors.New("its tags are not a JSON object")
	}
	for _, m := range v.members {
		switch m.name {
		case "principal_tags":
			tags, err = readPrincipalTags(m.value)
		case "transitive_tag_keys":
			if m.value.kind != kindArray {
				return nil, nil, errors.New("its transitive tag keys are not a list")
			}
			for _, item := range m.value.items {
				transitive = append(transitive, item.text)
			}
		default:
			err = errors.New("its tags have an element that is not understood")
		}
		if err != nil {
			return nil, nil, err
		}
	}
	for _, key := range transitive {
		if _, ok := findTag(tags, key); !ok {
			return nil, nil, errors.New("a transitive tag key is not among its tags")
		}
	}
	return tags, transitive, nil
}

func readPrincipalTags(v value) ([]Tag, error) {
	if v.kind != kindObject || len(v.members) > maxSessionTags {
		return nil, errors.New("its tags are not an object of at most 50")
	}
	var tags []Tag
	for _, m := range v.members {
		if m.value.kind != kindArray || len(m.value.items) != 1 || m.value.items[0].kind != kindString {
			return nil, errors.New("a tag's value is not a list of one text")
		}
		t := Tag{m.name, m.value.items[0].text}
		if err := t.check(); err != nil {
			return nil, err
		}
		if _, twice := findTag(tags, t.Key); twice {
			return nil, errors.New("two tag keys differ in case only")
		}
		tags = append(tags, t)
	}
	return tags, nil
}

// check holds a session tag against AWS's limits.
func (t Tag) check() error {
	switch key, val := utf8.RuneCountInString(t.Key), utf8.RuneCountInString(t.Value); {
	case key < 1 || key > maxTagKey:
		return errors.New("a tag key does not have 1 to 128 characters")
	case val > maxTagValue:
		return errors.New("a tag value has more than 256 characters")
	case !tagText.MatchString(t.Key) || !tagText.MatchString(t.Value):
		return errors.New("a tag has a character that AWS does not take")
	case len(t.Key) >= 4 && strings.EqualFold(t.Key[:4], "aws:"):
		return errors.New("tag keys that begin with aws: are AWS's own")
	}
	return nil
}

// findTag finds a tag as IAM does, without regard to the key's case.
func findTag(tags []Tag, key string) (string, bool) {
	for _, t := range tags {
		if strings.EqualFold(t.Key, key) {
			return t.Value, true
		}
	}
	return "", false
}

// tagMap is the tags as the trail shows them, nil for none.
func tagMap(tags []Tag) map[string]string {
	if len(tags) == 0 {
		return nil
	}
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		m[t.Key] = t.Value
	}
	return m
}
