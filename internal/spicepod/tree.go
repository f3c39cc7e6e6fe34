package spicepod

import (
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// kind is what a node of the file is.
type kind uint8

const (
	null kind = iota
	scalar
	mapping
	sequence
)

var kindNames = [...]string{"empty", "a single value", "a mapping", "a list"}

func (k kind) String() string { return kindNames[k] }

// node is a part of the file with its place. Aliases and merge keys are
// followed already; numbers and booleans keep the text they were written in.
type node struct {
	kind  kind
	at    span
	text  string
	pairs []pair
	items []*node
	// repeated are pairs whose key an earlier pair of the same mapping has.
	repeated []pair
}

// pair is a key of a mapping with its value.
type pair struct {
	key   string
	at    span
	value *node
}

// get returns the value under a key, or nil.
func (n *node) get(key string) *node {
	for _, p := range n.pairs {
		if p.key == key {
			return p.value
		}
	}
	return nil
}

func (n *node) keys() []string {
	keys := make([]string, len(n.pairs))
	for i, p := range n.pairs {
		keys[i] = p.key
	}
	return keys
}

// place returns where a token stands. The parser leaves white space at the head
// of some tokens' origin; their positions point behind it.
func place(tk *token.Token) span {
	if tk == nil || tk.Position == nil {
		return span{}
	}
	origin, _, _ := strings.Cut(strings.TrimSpace(tk.Origin), "\n")
	return span{tk.Position.Line, max(1, tk.Position.Column), max(1, utf8.RuneCountInString(strings.TrimRight(origin, " \t\r")))}
}

// Limits of what an alias may blow up to. A Spicepod has a few hundred nodes.
const (
	maxNodes = 20_000
	maxDepth = 64
)

// grower makes nodes of the parser's tree.
type grower struct {
	anchors map[*ast.AliasNode]ast.Node
	nodes   int
	// tooBig is where the limit was passed.
	tooBig *span
}

func (g *grower) node(n ast.Node, depth int) *node {
	if n == nil {
		return &node{}
	}
	at := place(n.GetToken())
	if g.nodes++; g.nodes > maxNodes || depth > maxDepth {
		if g.tooBig == nil {
			g.tooBig = &at
		}
		return &node{at: at}
	}
	switch n := n.(type) {
	case *ast.AliasNode:
		target := g.node(g.anchors[n], depth+1)
		if target.at.line == 0 {
			target.at = at
		}
		return target
	case *ast.AnchorNode:
		return g.node(n.Value, depth+1)
	case *ast.TagNode:
		return g.node(n.Value, depth+1)
	case *ast.MappingNode:
		return g.mapping(n.Values, at, depth)
	case *ast.MappingValueNode:
		return g.mapping([]*ast.MappingValueNode{n}, at, depth)
	case *ast.SequenceNode:
		out := &node{kind: sequence, at: at}
		for _, item := range n.Values {
			out.items = append(out.items, g.node(item, depth+1))
		}
		return out
	case *ast.NullNode:
		return &node{at: at}
	case *ast.LiteralNode:
		return &node{kind: scalar, at: at, text: n.Value.Value}
	case *ast.StringNode:
		return &node{kind: scalar, at: at, text: n.Value}
	}
	return &node{kind: scalar, at: at, text: n.GetToken().Value}
}

// mapping grows a mapping. Its place is its first key's.
func (g *grower) mapping(values []*ast.MappingValueNode, at span, depth int) *node {
	out := &node{kind: mapping, at: at}
	seen := map[string]bool{}
	var merges []ast.Node
	for i, v := range values {
		key, where, isMerge := keyOf(v.Key)
		if i == 0 {
			out.at = where
		}
		if isMerge {
			merges = append(merges, v.Value)
			continue
		}
		p := pair{key: key, at: where, value: g.node(v.Value, depth+1)}
		if seen[key] {
			out.repeated = append(out.repeated, p)
			continue
		}
		seen[key] = true
		out.pairs = append(out.pairs, p)
	}
	for _, m := range merges {
		g.merge(out, seen, g.node(m, depth+1))
	}
	return out
}

// merge adds the pairs of another mapping, or of a list of them, that out does
// not have; of a list the earlier one wins (YAML merge key, yaml.org/type/merge).
func (g *grower) merge(out *node, seen map[string]bool, from *node) {
	for _, m := range from.items {
		g.merge(out, seen, m)
	}
	for _, p := range from.pairs {
		if !seen[p.key] {
			seen[p.key] = true
			out.pairs = append(out.pairs, p)
		}
	}
}

// keyOf returns a key's text and place, and whether it is the merge key.
func keyOf(n ast.MapKeyNode) (text string, at span, isMerge bool) {
	at = place(n.GetToken())
	switch n := n.(type) {
	case *ast.MergeKeyNode:
		return "<<", at, true
	case *ast.MappingKeyNode:
		if n.Value == nil {
			return "", at, false
		}
		return scalarText(n.Value), place(n.Value.GetToken()), false
	}
	return scalarText(n), at, false
}

func scalarText(n ast.Node) string {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.AnchorNode:
		return scalarText(n.Value)
	case *ast.TagNode:
		if n.Value == nil {
			return ""
		}
		return scalarText(n.Value)
	case nil:
		return ""
	}
	return n.GetToken().Value
}
