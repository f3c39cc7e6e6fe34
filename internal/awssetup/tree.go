package awssetup

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// tree is JSON with its members in their order, to be written in another
// language: members, a list of trees, or a string.
type tree any

type members []member

type member struct {
	name  string
	value tree
}

// parseTree reads JSON of objects, lists and strings, which is all that
// policies are made of.
func parseTree(text string) (tree, error) {
	d := json.NewDecoder(strings.NewReader(text))
	t, err := readTree(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("something follows the policy: %w", err)
	}
	return t, nil
}

func readTree(d *json.Decoder) (tree, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case string:
		return v, nil
	case json.Delim:
		if v == '{' {
			return readMembers(d)
		}
		return readList(d)
	}
	return nil, fmt.Errorf("a policy cannot hold %v", token)
}

func readMembers(d *json.Decoder) (tree, error) {
	out := members{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		value, err := readTree(d)
		if err != nil {
			return nil, err
		}
		text, _ := name.(string) // the decoder allows nothing else
		out = append(out, member{text, value})
	}
	_, err := d.Token()
	return out, err
}

func readList(d *json.Decoder) (tree, error) {
	out := []tree{}
	for d.More() {
		value, err := readTree(d)
		if err != nil {
			return nil, err
		}
		out = append(out, value)
	}
	_, err := d.Token()
	return out, err
}

// MarshalJSON writes the members in their order.
func (m members) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, one := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := indented(one.name)
		if err != nil {
			return nil, err
		}
		value, err := indented(one.value)
		if err != nil {
			return nil, err
		}
		b.WriteString(name + ":" + value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// mapTexts returns the tree with every string but names replaced.
func mapTexts(t tree, f func(string) tree) tree {
	switch v := t.(type) {
	case string:
		return f(v)
	case []tree:
		out := make([]tree, len(v))
		for i, one := range v {
			out[i] = mapTexts(one, f)
		}
		return out
	case members:
		out := make(members, len(v))
		for i, one := range v {
			out[i] = member{one.name, mapTexts(one.value, f)}
		}
		return out
	}
	return t
}

// tagMembers are tags as an object.
func tagMembers(tags map[string]string) members {
	var out members
	for _, k := range sortedKeys(tags) {
		out = append(out, member{k, tags[k]})
	}
	return out
}

// tagEntries are tags as IAM and CloudFormation list them.
func tagEntries(tags map[string]string) []tree {
	var out []tree
	for _, k := range sortedKeys(tags) {
		out = append(out, members{{"Key", k}, {"Value", tags[k]}})
	}
	return out
}
