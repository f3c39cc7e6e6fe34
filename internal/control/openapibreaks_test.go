package control

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// document is what of an OpenAPI document a client is built on.
type document struct {
	Paths      map[string]map[string]*operation `json:"paths"`
	Components struct {
		Schemas map[string]*schema `json:"schemas"`
	} `json:"components"`
}

type operation struct {
	ID          string             `json:"operationId"`
	Parameters  []parameter        `json:"parameters"`
	RequestBody *message           `json:"requestBody"`
	Responses   map[string]message `json:"responses"`
}

type parameter struct {
	Name     string  `json:"name"`
	In       string  `json:"in"`
	Required bool    `json:"required"`
	Schema   *schema `json:"schema"`
}

// message is a request's body, or an answer.
type message struct {
	Required bool           `json:"required"`
	Headers  map[string]any `json:"headers"`
	Content  map[string]struct {
		Schema *schema `json:"schema"`
	} `json:"content"`
}

type schema struct {
	Ref        string             `json:"$ref"`
	Type       any                `json:"type"` // a name, or a list of names
	Format     string             `json:"format"`
	Pattern    string             `json:"pattern"`
	Enum       []any              `json:"enum"`
	Properties map[string]*schema `json:"properties"`
	Required   []string           `json:"required"`
	Items      *schema            `json:"items"`
	Additional json.RawMessage    `json:"additionalProperties"` // a schema, or whether there may be any
	Minimum    *float64           `json:"minimum"`
	Maximum    *float64           `json:"maximum"`
	MinLength  *float64           `json:"minLength"`
	MaxLength  *float64           `json:"maxLength"`
	MinItems   *float64           `json:"minItems"`
	MaxItems   *float64           `json:"maxItems"`
}

// breakage is a change that a client of the former document may fail over.
type breakage struct{ operation, what string }

// comparison finds what breaks between two documents.
type comparison struct {
	was, now  document
	operation string
	seen      map[[3]string]bool // pairs of named schemas that were compared, and for which way
	found     []breakage
}

func breaks(was, now document) []breakage {
	c := &comparison{was: was, now: now}
	for _, path := range slices.Sorted(maps.Keys(was.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(was.Paths[path])) {
			before := was.Paths[path][method]
			c.operation, c.seen = before.ID, map[[3]string]bool{}
			if after := now.Paths[path][method]; after == nil {
				c.say("%s %s is gone", strings.ToUpper(method), path)
			} else {
				c.operations(before, after)
			}
		}
	}
	return c.found
}

func (c *comparison) say(format string, args ...any) {
	c.found = append(c.found, breakage{c.operation, fmt.Sprintf(format, args...)})
}

func (c *comparison) operations(was, now *operation) {
	if was.ID != now.ID {
		c.say("it is called %s now", now.ID)
	}
	named := func(all []parameter, p parameter) *parameter {
		if i := slices.IndexFunc(all, func(q parameter) bool { return q.In == p.In && q.Name == p.Name }); i >= 0 {
			return &all[i]
		}
		return nil
	}
	for _, p := range was.Parameters {
		where := p.In + "." + p.Name
		after := named(now.Parameters, p)
		if after == nil {
			c.say("%s is not taken any more", where)
			continue
		}
		if after.Required && !p.Required {
			c.say("%s is needed now", where)
		}
		c.taken(where, p.Schema, after.Schema)
	}
	for _, p := range now.Parameters {
		if p.Required && named(was.Parameters, p) == nil {
			c.say("%s.%s is needed now", p.In, p.Name)
		}
	}
	c.bodies(was.RequestBody, now.RequestBody)
	for _, status := range slices.Sorted(maps.Keys(was.Responses)) {
		before := was.Responses[status]
		after, ok := now.Responses[status]
		if !ok {
			c.say("it does not answer %s any more", status)
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(before.Headers)) {
			if after.Headers[name] == nil {
				c.say("%s has no header %s any more", status, name)
			}
		}
		for _, media := range slices.Sorted(maps.Keys(before.Content)) {
			if to, ok := after.Content[media]; ok {
				c.given(status, before.Content[media].Schema, to.Schema)
			} else {
				c.say("%s is not %s any more", status, media)
			}
		}
	}
}

func (c *comparison) bodies(was, now *message) {
	switch {
	case was == nil && now == nil:
		return
	case was == nil:
		if now.Required {
			c.say("body is needed now")
		}
		return
	case now == nil:
		c.say("body is not taken any more")
		return
	}
	if now.Required && !was.Required {
		c.say("body is needed now")
	}
	for _, media := range slices.Sorted(maps.Keys(was.Content)) {
		if to, ok := now.Content[media]; ok {
			c.taken("body", was.Content[media].Schema, to.Schema)
		} else {
			c.say("body may not be %s any more", media)
		}
	}
}

// pair resolves two schemas, and reports false when there is nothing to compare:
// one that is open takes and gives anything, and a named pair is compared once.
func (c *comparison) pair(way string, was, now *schema) (*schema, *schema, bool) {
	if was == nil || now == nil {
		return nil, nil, false
	}
	if was.Ref != "" && now.Ref != "" {
		key := [3]string{way, was.Ref, now.Ref}
		if c.seen[key] {
			return nil, nil, false
		}
		c.seen[key] = true
	}
	was, now = c.was.resolved(was), c.now.resolved(now)
	return was, now, was != nil && now != nil
}

func (d document) resolved(s *schema) *schema {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return d.Components.Schemas[name]
	}
	return s
}

// types are those that a value may have; nil: any.
func (s *schema) types() (names []string) {
	switch t := s.Type.(type) {
	case string:
		names = []string{t}
	case []any:
		for _, name := range t {
			names = append(names, fmt.Sprint(name))
		}
	}
	return names
}

// within reports whether every type of the first is one of the second.
func within(types, of []string) bool {
	if of == nil {
		return true
	}
	return types != nil && !slices.ContainsFunc(types, func(t string) bool {
		whole := t == "integer" && slices.Contains(of, "number")
		return !whole && !slices.Contains(of, t)
	})
}

// taken compares what a client may send: everything that it could is taken still.
func (c *comparison) taken(where string, before, after *schema) {
	was, now, ok := c.pair("taken", before, after)
	if !ok {
		return
	}
	if !within(was.types(), now.types()) || was.Format != now.Format && now.Format != "" {
		c.say("%s may not be %v any more", where, cmp.Or(was.Format, fmt.Sprint(was.types())))
		return // what it consists of is another thing
	}
	if now.Enum != nil && (was.Enum == nil || slices.ContainsFunc(was.Enum, func(v any) bool { return !slices.Contains(now.Enum, v) })) {
		c.say("%s takes %v only", where, now.Enum)
	}
	if now.Pattern != "" && now.Pattern != was.Pattern {
		c.say("%s must be like %s now", where, now.Pattern)
	}
	for what, bounds := range map[string][2]*float64{
		"maximum": {was.Maximum, now.Maximum}, "length": {was.MaxLength, now.MaxLength}, "number of items": {was.MaxItems, now.MaxItems},
	} {
		if bounds[1] != nil && (bounds[0] == nil || *bounds[0] > *bounds[1]) {
			c.say("%s has the %s %v now", where, what, *bounds[1])
		}
	}
	for what, bounds := range map[string][2]*float64{
		"minimum": {was.Minimum, now.Minimum}, "least length": {was.MinLength, now.MinLength}, "least number of items": {was.MinItems, now.MinItems},
	} {
		if bounds[1] != nil && (bounds[0] == nil || *bounds[0] < *bounds[1]) {
			c.say("%s has the %s %v now", where, what, *bounds[1])
		}
	}
	for _, name := range now.Required {
		if !slices.Contains(was.Required, name) {
			c.say("%s.%s is needed now", where, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(was.Properties)) {
		if now.Properties[name] == nil {
			c.say("%s.%s is not taken any more", where, name)
			continue
		}
		c.taken(where+"."+name, was.Properties[name], now.Properties[name])
	}
	c.taken(where+"[]", was.Items, now.Items)
	c.taken(where+".*", was.others(), now.others())
}

// given compares what a client reads: everything that it could is there still.
func (c *comparison) given(where string, before, after *schema) {
	was, now, ok := c.pair("given", before, after)
	if !ok {
		return
	}
	if !within(now.types(), was.types()) || was.Format != now.Format && was.Format != "" {
		c.say("%s is %v now", where, cmp.Or(now.Format, fmt.Sprint(now.types())))
		return
	}
	for _, name := range slices.Sorted(maps.Keys(was.Properties)) {
		switch {
		case now.Properties[name] == nil:
			c.say("%s.%s is gone", where, name)
			continue
		case slices.Contains(was.Required, name) && !slices.Contains(now.Required, name):
			c.say("%s.%s may be absent now", where, name)
		}
		c.given(where+"."+name, was.Properties[name], now.Properties[name])
	}
	c.given(where+"[]", was.Items, now.Items)
	c.given(where+".*", was.others(), now.others())
}

// others is the schema of members that are not named; nil for any or none.
func (s *schema) others() *schema {
	var one schema
	if len(s.Additional) == 0 || json.Unmarshal(s.Additional, &one) != nil {
		return nil
	}
	return &one
}
