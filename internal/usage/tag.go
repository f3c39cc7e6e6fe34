package usage

import "encoding/json"

// TagText returns the tags as JSON in order of their names, so that equal tags
// are equal texts; "" for none.
func TagText(tags map[string]string) string {
	if len(tags) == 0 {
		return ""
	}
	b, _ := json.Marshal(tags) // strings always marshal, and maps in order of their keys
	return string(b)
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

// of returns the text with the one tag, or "" where that is not in it.
func (o *onlyTag) of(text string) string {
	if o.name == "" || text == "" {
		return ""
	}
	short, known := o.read[text]
	if known {
		return short
	}
	if value, ok := TagValue(text, o.name); ok {
		short = TagText(map[string]string{o.name: value})
	}
	if o.read == nil {
		o.read = map[string]string{}
	}
	o.read[text] = short
	return short
}
