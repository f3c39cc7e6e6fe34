package openai

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/fault"
)

// complaint is one thing that is wrong with a request.
type complaint struct{ param, text string }

// complaints collects them, so that a caller mends a request once.
type complaints []complaint

func (c *complaints) add(param, format string, args ...any) {
	*c = append(*c, complaint{param, fmt.Sprintf(format, args...)})
}

// fault returns all complaints as one fault, or nil.
func (c complaints) fault() error {
	if len(c) == 0 {
		return nil
	}
	const shown = 20
	var texts []string
	for i, one := range c {
		if i == shown {
			texts = append(texts, fmt.Sprintf("and %d more", len(c)-shown))
			break
		}
		texts = append(texts, one.text)
	}
	return fault.New(fault.Invalid, "%s", strings.Join(texts, "; ")).WithParam(c[0].param)
}

// required returns a string that must be there.
func (c *complaints) required(members map[string]json.RawMessage, name string) string {
	if absent(members[name]) {
		c.add(name, "%s is missing", name)
		return ""
	}
	s := c.optional(members, name)
	if s == "" && members[name][0] == '"' {
		c.add(name, "%s is empty", name)
	}
	return s
}

// optional returns a string that may be missing or null.
func (c *complaints) optional(members map[string]json.RawMessage, name string) string {
	var s string
	if raw := members[name]; !absent(raw) && json.Unmarshal(raw, &s) != nil {
		c.add(name, "%s must be a string, not %s", name, kindOf(raw))
	}
	return s
}

// input returns the texts of a string or a list of strings.
func (c *complaints) input(raw json.RawMessage) []string {
	if absent(raw) {
		c.add("input", "input is missing")
		return nil
	}
	var texts []string
	switch raw[0] {
	case '"':
		texts = make([]string, 1)
		if json.Unmarshal(raw, &texts[0]) != nil {
			c.add("input", "input is no valid string")
		}
	case '[':
		if json.Unmarshal(raw, &texts) != nil || hasNull(raw, texts) {
			c.elements(raw)
			return nil
		}
	default:
		c.add("input", "input must be a string or a list of strings, not %s", kindOf(raw))
		return nil
	}
	if len(texts) == 0 {
		c.add("input", "input is an empty list")
	}
	for i, t := range texts {
		if t == "" {
			c.add(place(raw, i), "%s is an empty string", place(raw, i))
		}
	}
	c.surrogates(raw, texts)
	return texts
}

// surrogates refuses escapes such as \ud83d without their other half: decoding
// makes a replacement character of them, and so another text.
func (c *complaints) surrogates(raw json.RawMessage, texts []string) {
	if !slices.ContainsFunc(texts, func(t string) bool { return strings.ContainsRune(t, utf8.RuneError) }) {
		return
	}
	var elements []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &elements) != nil {
		elements = []json.RawMessage{raw}
	}
	for i, e := range elements {
		if halfPair(e) {
			c.add(place(raw, i), "%s has half of a surrogate pair in its escapes", place(raw, i))
		}
	}
}

// halfPair reports whether a JSON string has an escaped surrogate without its other half.
func halfPair(s []byte) bool {
	for i := 0; i+1 < len(s); i++ {
		if s[i] != '\\' {
			continue
		}
		first := escaped(s[i:])
		if utf16.IsSurrogate(first) {
			if utf16.DecodeRune(first, escaped(s[min(i+6, len(s)):])) == utf8.RuneError {
				return true
			}
			i += 6
		}
		i++ // past what is escaped: it may be a backslash
	}
	return false
}

// escaped returns the code unit of the \uXXXX at the head of s, or -1.
func escaped(s []byte) rune {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(s[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}

// hasNull reports whether an element is null, which decodes to an empty string.
func hasNull(raw json.RawMessage, texts []string) bool {
	for _, t := range texts {
		if t == "" {
			var pointers []*string
			_ = json.Unmarshal(raw, &pointers) // it decoded a moment ago
			for _, p := range pointers {
				if p == nil {
					return true
				}
			}
			return false
		}
	}
	return false
}

// place names a text: "input" when it stands alone, "input[3]" in a list.
func place(raw json.RawMessage, i int) string {
	if raw[0] == '"' {
		return "input"
	}
	return fmt.Sprintf("input[%d]", i)
}

// elements says which elements of a list are no strings. Lists of numbers are
// token ids, which only OpenAI's own models understand.
func (c *complaints) elements(raw json.RawMessage) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		c.add("input", "input is no valid list")
		return
	}
	for i, e := range list {
		name := fmt.Sprintf("input[%d]", i)
		switch kind := kindOf(e); {
		case kind == "a number", kind == "a list":
			c.add("input", "input is made of token ids, which Bedrock's models do not take: send text. "+
				"With LangChain set check_embedding_ctx_length=False")
			return
		case kind != "a string":
			c.add(name, "%s must be a string, not %s", name, kind)
		}
	}
}

// kindOf names what a JSON value is.
func kindOf(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "nothing"
	}
	switch raw[0] {
	case '"':
		return "a string"
	case '[':
		return "a list"
	case '{':
		return "an object"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "a number"
}
