package usage

import (
	"encoding/json"
	"slices"
)

// TagText returns the tags as JSON in order of their names, so that equal tags
// are equal texts; "" for none. Of plain ASCII tags, which most are, it allocates
// nothing but the text: it is asked for with every request.
func TagText(tags map[string]string) string {
	if len(tags) == 0 {
		return ""
	}
	var room [32]string
	names := room[:0]
	for name, value := range tags {
		if !plain(name) || !plain(value) {
			b, _ := json.Marshal(tags) // strings always marshal, and maps in order of their keys
			return string(b)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	var space [512]byte
	text := append(space[:0], '{')
	for _, name := range names {
		if len(text) > 1 {
			text = append(text, ',')
		}
		text = append(append(append(text, '"'), name...), `":"`...)
		text = append(append(text, tags[name]...), '"')
	}
	return string(append(text, '}'))
}

// plain reports whether JSON writes a text as it is.
func plain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}

// TagValue returns the value of a tag in what [TagText] wrote, and whether the
// tag is there. In a text that TagText did not write there is none.
func TagValue(text, name string) (string, bool) {
	if text == "" || name == "" {
		return "", false
	}
	var tags map[string]string
	if err := json.Unmarshal([]byte(text), &tags); err != nil {
		return "", false
	}
	value, ok := tags[name]
	return value, ok
}

// onlyTag keeps one tag of many. It reads each text once: millions of records
// have the tags of few callers.
type onlyTag struct {
	name string
	read map[string]string
}

// of returns the text with the one tag, or "" where that is not in it or has no
// value: a report could not show the two apart.
func (o *onlyTag) of(text string) string {
	if o.name == "" || text == "" {
		return ""
	}
	short, known := o.read[text]
	if known {
		return short
	}
	if value, ok := TagValue(text, o.name); ok && value != "" {
		short = TagText(map[string]string{o.name: value})
	}
	if o.read == nil {
		o.read = map[string]string{}
	}
	o.read[text] = short
	return short
}
