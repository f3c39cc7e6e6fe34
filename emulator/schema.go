package emulator

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxListed is how many violations an answer lists before it only counts them.
const maxListed = 8

// schema collects what is wrong with a request body, in the words of
// Bedrock's schema check: "#/texts/0: expected maxLength: 2048, actual: 2049".
type schema struct{ violations []string }

func (s *schema) add(pointer, format string, args ...any) {
	s.violations = append(s.violations, pointer+": "+fmt.Sprintf(format, args...))
}

// err is the answer to all violations found, nil for none.
func (s *schema) err() *awsError {
	switch n := len(s.violations); {
	case n == 0:
		return nil
	case n > maxListed:
		return malformed(strconv.Itoa(n) + " schema violations found")
	}
	return malformed(strings.Join(s.violations, ""))
}

// object checks that v is an object with all required keys and no key outside
// required and optional.
func (s *schema) object(pointer string, v value, required, optional []string) bool {
	if v.kind != kindObject {
		s.wrongType(pointer, kindObject, v)
		return false
	}
	for _, name := range required {
		if _, ok := v.member(name); !ok {
			s.add(pointer, "required key [%s] not found", name)
		}
	}
	for _, m := range v.members {
		if !slices.Contains(required, m.name) && !slices.Contains(optional, m.name) {
			s.add(pointer, "extraneous key [%s] is not permitted", clip(m.name))
		}
	}
	return true
}

func (s *schema) wrongType(pointer string, want kind, got value) {
	s.add(pointer, "expected type: %s, found: %s", want, got.kind)
}

// text checks a string's length in characters and returns it.
func (s *schema) text(pointer string, v value, maxLength int) string {
	if v.kind != kindString {
		s.wrongType(pointer, kindString, v)
		return ""
	}
	switch n := utf8.RuneCountInString(v.text); {
	case n == 0:
		s.add(pointer, "expected minLength: 1, actual: 0")
	case maxLength > 0 && n > maxLength:
		s.add(pointer, "expected maxLength: %d, actual: %d", maxLength, n)
	}
	return v.text
}

// enum returns the key's text, or fallback when the key is absent.
func (s *schema) enum(pointer string, v value, name, fallback string, allowed ...string) string {
	m, ok := v.member(name)
	if !ok {
		return fallback
	}
	pointer += "/" + name
	switch {
	case m.kind != kindString:
		s.wrongType(pointer, kindString, m)
	case !slices.Contains(allowed, m.text):
		s.add(pointer, "%s is not a valid enum value", clip(m.text))
	}
	return m.text
}

// integer returns the key's number, or fallback when the key is absent; ok
// says whether a number is allowed.
func (s *schema) integer(pointer string, v value, name string, fallback int, ok func(int) bool) int {
	m, present := v.member(name)
	if !present {
		return fallback
	}
	pointer += "/" + name
	if m.kind != kindInteger {
		s.wrongType(pointer, kindInteger, m)
		return fallback
	}
	n, err := strconv.Atoi(m.text)
	if err != nil || !ok(n) {
		s.add(pointer, "%s is not a valid enum value", clip(m.text))
		return fallback
	}
	return n
}

// boolean returns the key's truth, or fallback when the key is absent.
func (s *schema) boolean(pointer string, v value, name string, fallback bool) bool {
	m, ok := v.member(name)
	if !ok {
		return fallback
	}
	if m.kind != kindBool {
		s.wrongType(pointer+"/"+name, kindBool, m)
	}
	return m.text == "true"
}

// list returns the items of a key that holds an array of a bounded length.
func (s *schema) list(pointer string, v value, name string, maxItems int) []value {
	m, ok := v.member(name)
	if !ok {
		return nil
	}
	pointer += "/" + name
	switch {
	case m.kind != kindArray:
		s.wrongType(pointer, kindArray, m)
	case len(m.items) == 0:
		s.add(pointer, "expected minimum item count: 1, found: 0")
	case len(m.items) > maxItems:
		s.add(pointer, "expected maximum item count: %d, found: %d", maxItems, len(m.items))
	}
	return m.items
}

// choices returns an array of distinct enum values, nil when the key is absent.
func (s *schema) choices(v value, name string, allowed ...string) []string {
	var picked []string
	for i, item := range s.list("#", v, name, len(allowed)) {
		pointer := "#/" + name + "/" + strconv.Itoa(i)
		switch {
		case item.kind != kindString:
			s.wrongType(pointer, kindString, item)
		case !slices.Contains(allowed, item.text):
			s.add(pointer, "%s is not a valid enum value", clip(item.text))
		case slices.Contains(picked, item.text):
			s.add("#/"+name, "array items are not unique")
		}
		picked = append(picked, item.text)
	}
	return picked
}

// clip keeps an echoed name short, and without half a character at its end.
func clip(s string) string {
	if len(s) <= 64 {
		return s
	}
	return strings.ToValidUTF8(s[:64], "") + "..."
}

// among says whether a number is one of a set.
func among(set ...int) func(int) bool {
	return func(n int) bool { return slices.Contains(set, n) }
}
