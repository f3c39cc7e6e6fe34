package emulator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// facts answers a condition key, in lower case, with what the request has of
// it; nothing means that the key is absent.
type facts func(key string) []string

// setOperator says how a condition treats a key with several values.
type setOperator uint8

const (
	oneValue  setOperator = iota // a key with one value
	anyValue                     // ForAnyValue:
	allValues                    // ForAllValues:
)

// condition is one operator on one key.
type condition struct {
	set      setOperator
	negated  bool
	ifExists bool
	compare  func(want, actual string) bool // nil for Null
	key      string                         // lower case
	values   []string
}

// parseConditions reads {"StringLike": {"aws:RequestedRegion": "us-*"}}. known
// says which keys are understood; nil means all, because in a trust policy a
// key that no request has is an absent one.
func parseConditions(v value, known func(key string) bool) ([]condition, error) {
	if v.kind != kindObject {
		return nil, errors.New("its Condition is not a JSON object")
	}
	var list []condition
	for _, op := range v.members {
		c, check, err := parseOperator(op.name)
		if err != nil {
			return nil, err
		}
		if op.value.kind != kindObject {
			return nil, fmt.Errorf("condition %s is not a JSON object", op.name)
		}
		for _, k := range op.value.members {
			c.key = strings.ToLower(k.name)
			if known != nil && !known(c.key) {
				return nil, fmt.Errorf("condition key %q is not understood", k.name)
			}
			if c.values, err = patterns(k.value, check); err != nil {
				return nil, fmt.Errorf("condition key %q: %w", k.name, err)
			}
			list = append(list, c)
		}
	}
	return list, nil
}

// parseOperator reads "ForAnyValue:StringLikeIfExists" and says how its values
// must look.
func parseOperator(text string) (c condition, check func(string) (string, error), err error) {
	name := text
	if rest, ok := strings.CutPrefix(name, "ForAnyValue:"); ok {
		name, c.set = rest, anyValue
	} else if rest, ok := strings.CutPrefix(name, "ForAllValues:"); ok {
		name, c.set = rest, allValues
	}
	name, c.ifExists = strings.CutSuffix(name, "IfExists")
	check = func(s string) (string, error) { return s, nil }
	switch name {
	case "StringEquals", "StringNotEquals":
		c.compare = func(want, actual string) bool { return want == actual }
	case "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase":
		c.compare = strings.EqualFold
	case "StringLike", "StringNotLike":
		c.compare = wildcard
	case "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals":
		c.compare, check = dateOperator(name), checkDate
	case "Null":
		if c.set != oneValue || c.ifExists {
			return c, nil, fmt.Errorf("condition operator %q is not understood", text)
		}
		check = checkBool
	default:
		return c, nil, fmt.Errorf("condition operator %q is not understood", text)
	}
	c.negated = strings.HasPrefix(name, "StringNot")
	return c, check, nil
}

// holds evaluates one condition. A key that the request lacks fails a positive
// operator and passes a negated one, unless IfExists lets it pass; ForAnyValue
// needs a value and ForAllValues does not (IAM user guide).
func (c *condition) holds(f facts) bool {
	actual := f(c.key)
	if c.compare == nil { // Null
		return slices.Contains(c.values, fmt.Sprint(len(actual) == 0))
	}
	if len(actual) == 0 {
		return c.ifExists || c.set == allValues || (c.negated && c.set == oneValue)
	}
	match := func(a string) bool {
		return slices.ContainsFunc(c.values, func(want string) bool { return c.compare(want, a) }) != c.negated
	}
	all := !slices.ContainsFunc(actual, func(a string) bool { return !match(a) })
	switch c.set {
	case anyValue:
		return slices.ContainsFunc(actual, match)
	case allValues:
		return all
	default: // several values where one is expected match nothing
		return all && (len(actual) == 1 || c.negated)
	}
}

// parseDate reads the forms of ISO 8601 that IAM writes.
func parseDate(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a date such as 2026-01-31T12:00:00Z", s)
}

func checkDate(s string) (string, error) {
	_, err := parseDate(s)
	return s, err
}

func checkBool(s string) (string, error) {
	if s != "true" && s != "false" {
		return "", fmt.Errorf("%q is neither true nor false", s)
	}
	return s, nil
}

func dateOperator(name string) func(want, actual string) bool {
	return func(want, actual string) bool {
		w, errWant := parseDate(want)
		a, errActual := parseDate(actual)
		if errWant != nil || errActual != nil {
			return false
		}
		switch order := a.Compare(w); name {
		case "DateLessThan":
			return order < 0
		case "DateLessThanEquals":
			return order <= 0
		case "DateGreaterThan":
			return order > 0
		default:
			return order >= 0
		}
	}
}
