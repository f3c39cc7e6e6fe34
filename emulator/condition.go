package emulator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// condition is one operator on one key: true when any value matches.
type condition struct {
	like, negated, ifExists bool
	key                     string // lower case
	values                  []string
}

// parseConditions reads {"StringLike": {"aws:RequestedRegion": "us-*"}}.
func parseConditions(v value) ([]condition, error) {
	if v.kind != kindObject {
		return nil, errors.New("its Condition is not a JSON object")
	}
	var list []condition
	for _, op := range v.members {
		name, ifExists := strings.CutSuffix(op.name, "IfExists")
		c := condition{ifExists: ifExists}
		switch name {
		case "StringEquals":
		case "StringNotEquals":
			c.negated = true
		case "StringLike":
			c.like = true
		case "StringNotLike":
			c.like, c.negated = true, true
		default:
			return nil, fmt.Errorf("condition operator %q is not understood", op.name)
		}
		if op.value.kind != kindObject {
			return nil, fmt.Errorf("condition %s is not a JSON object", op.name)
		}
		for _, k := range op.value.members {
			c.key = strings.ToLower(k.name)
			if !slices.Contains([]string{keyProfile, keyRegion}, c.key) {
				return nil, fmt.Errorf("condition key %q is not understood", k.name)
			}
			values, err := patterns(k.value, func(s string) (string, error) { return s, nil })
			if err != nil {
				return nil, fmt.Errorf("condition key %q: %w", k.name, err)
			}
			c.values = values
			list = append(list, c)
		}
	}
	return list, nil
}
