package emulator

import (
	"errors"
	"fmt"
)

// kind is a JSON type, named as Bedrock's schema errors name it.
type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindInteger
	kindNumber
	kindString
	kindArray
	kindObject
)

func (k kind) String() string {
	return [...]string{"Null", "Boolean", "Integer", "Number", "String", "JSONArray", "JSONObject"}[k]
}

// value is a JSON value. text holds a string's content, a number's digits, or
// "true" or "false".
type value struct {
	kind    kind
	text    string
	items   []value
	members []member
}

type member struct {
	name  string
	value value
}

func (v value) member(name string) (value, bool) {
	for _, m := range v.members {
		if m.name == name {
			return m.value, true
		}
	}
	return value{}, false
}

const maxDepth = 64

// parseJSON reads exactly one JSON value (RFC 8259) with nothing after it.
// Stricter than most readers: a repeated key, a lone surrogate and bytes that
// are not UTF-8 are errors, because two readers may disagree on them.
func parseJSON(b []byte) (value, error) {
	r := jsonReader{b: b}
	v, err := r.value(0)
	if err != nil {
		return value{}, err
	}
	if r.space(); r.i != len(b) {
		return value{}, r.unexpected("the end")
	}
	return v, nil
}

type jsonReader struct {
	b []byte
	i int
}

func (r *jsonReader) unexpected(want string) error {
	return fmt.Errorf("expected %s at byte %d", want, r.i)
}

func (r *jsonReader) space() {
	for r.i < len(r.b) && (r.b[r.i] == ' ' || r.b[r.i] == '\n' || r.b[r.i] == '\t' || r.b[r.i] == '\r') {
		r.i++
	}
}

// peek is the next byte after white space, 0 at the end.
func (r *jsonReader) peek() byte {
	if r.space(); r.i < len(r.b) {
		return r.b[r.i]
	}
	return 0
}

func (r *jsonReader) value(depth int) (value, error) {
	if depth > maxDepth {
		return value{}, errors.New("nested too deeply")
	}
	switch c := r.peek(); {
	case c == '{':
		return r.object(depth)
	case c == '[':
		return r.array(depth)
	case c == '"':
		text, err := r.text()
		return value{kind: kindString, text: text}, err
	case c == '-' || (c >= '0' && c <= '9'):
		return r.number()
	}
	for word, k := range map[string]kind{"null": kindNull, "true": kindBool, "false": kindBool} {
		if len(r.b)-r.i >= len(word) && string(r.b[r.i:r.i+len(word)]) == word {
			r.i += len(word)
			return value{kind: k, text: word}, nil
		}
	}
	return value{}, r.unexpected("a value")
}

func (r *jsonReader) array(depth int) (value, error) {
	r.i++
	v := value{kind: kindArray}
	for {
		if len(v.items) == 0 && r.peek() == ']' {
			r.i++
			return v, nil
		}
		item, err := r.value(depth + 1)
		if err != nil {
			return value{}, err
		}
		v.items = append(v.items, item)
		switch r.peek() {
		case ',':
			r.i++
		case ']':
			r.i++
			return v, nil
		default:
			return value{}, r.unexpected(`"," or "]"`)
		}
	}
}

func (r *jsonReader) object(depth int) (value, error) {
	r.i++
	v, seen := value{kind: kindObject}, map[string]bool{}
	for {
		switch c := r.peek(); {
		case c == '}' && len(v.members) == 0:
			r.i++
			return v, nil
		case c != '"':
			return value{}, r.unexpected("a key")
		}
		name, err := r.text()
		if err != nil {
			return value{}, err
		}
		if seen[name] {
			return value{}, fmt.Errorf("duplicate key [%s]", name)
		}
		seen[name] = true
		if r.peek() != ':' {
			return value{}, r.unexpected(`":"`)
		}
		r.i++
		item, err := r.value(depth + 1)
		if err != nil {
			return value{}, err
		}
		v.members = append(v.members, member{name, item})
		switch r.peek() {
		case ',':
			r.i++
		case '}':
			r.i++
			return v, nil
		default:
			return value{}, r.unexpected(`"," or "}"`)
		}
	}
}

func (r *jsonReader) number() (value, error) {
	start, k := r.i, kindInteger
	if r.b[r.i] == '-' {
		r.i++
	}
	if leading := r.i; r.digits() == 0 || (r.b[leading] == '0' && r.i-leading > 1) {
		return value{}, r.unexpected("a number")
	}
	if r.i < len(r.b) && r.b[r.i] == '.' {
		k = kindNumber
		r.i++
		if r.digits() == 0 {
			return value{}, r.unexpected("a digit")
		}
	}
	if r.i < len(r.b) && r.b[r.i]|0x20 == 'e' {
		k = kindNumber
		if r.i++; r.i < len(r.b) && (r.b[r.i] == '+' || r.b[r.i] == '-') {
			r.i++
		}
		if r.digits() == 0 {
			return value{}, r.unexpected("a digit")
		}
	}
	return value{kind: k, text: string(r.b[start:r.i])}, nil
}

func (r *jsonReader) digits() int {
	start := r.i
	for r.i < len(r.b) && r.b[r.i] >= '0' && r.b[r.i] <= '9' {
		r.i++
	}
	return r.i - start
}
