package price

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits on what the YAML parser is given: some of its steps take the square of
// what they are given. A table of all regions has a few hundred rows.
const (
	maxBytes  = 256 << 10
	maxTokens = 20_000
)

// parse returns the top mapping of the one document, or nil, and then at least one fault is noted.
func (r *reader) parse(data []byte) ast.Node {
	switch {
	case len(data) > maxBytes:
		r.add(0, "it is larger than %d bytes", maxBytes)
		return nil
	case !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0:
		r.add(0, "it is not UTF-8 text")
		return nil
	}
	tokens := lexer.Tokenize(strings.TrimPrefix(string(data), "\ufeff"))
	if len(tokens) > maxTokens {
		r.add(0, "it has more than %d parts", maxTokens)
		return nil
	}
	file, err := parsed(tokens)
	if err != nil {
		at, message := 0, err.Error()
		var syntax yaml.Error
		if errors.As(err, &syntax) {
			message = syntax.GetMessage()
			if tk := syntax.GetToken(); tk != nil && tk.Position != nil {
				at = tk.Position.Line
			}
		}
		r.add(at, "this is not valid YAML: %.200s", strings.ReplaceAll(message, "\n", " "))
		return nil
	}
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.DirectiveType {
			bodies = append(bodies, doc.Body)
		}
	}
	switch {
	case len(bodies) == 0:
		r.add(0, "it is empty")
	case len(bodies) > 1:
		r.add(line(bodies[1]), "a second YAML document begins here")
	case !isMapping(bodies[0]):
		r.add(line(bodies[0]), "it is not a mapping")
	default:
		return bodies[0]
	}
	return nil
}

// parsed calls the parser, which is known to panic on some input that is no YAML.
func parsed(tokens token.Tokens) (file *ast.File, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the parser cannot read it")
		}
	}()
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

// fields returns a mapping's values by key. Keys that are not allowed, or there
// twice, are noted.
func (r *reader) fields(n ast.Node, allowed ...string) map[string]ast.Node {
	fields := map[string]ast.Node{}
	for _, pair := range pairs(n) {
		key := ""
		if k, ok := pair.Key.(*ast.StringNode); ok {
			key = k.Value
		}
		switch {
		case !slices.Contains(allowed, key):
			r.add(line(pair.Key), "unknown key %.40q; the keys are %s", pair.Key.GetToken().Value, strings.Join(allowed, ", "))
		case fields[key] != nil:
			r.add(line(pair.Key), "%s: is given twice", key)
		case pair.Value != nil:
			fields[key] = pair.Value
		}
	}
	return fields
}

// needed returns the value of a key, and notes where there is none.
func (r *reader) needed(fields map[string]ast.Node, of ast.Node, key string) (ast.Node, bool) {
	n := fields[key]
	if n == nil {
		r.add(line(of), "%s: is missing", key)
	}
	return n, n != nil
}

// text returns a single value as it is written, or notes that it is none and
// returns "". Numbers keep their digits.
func (r *reader) text(n ast.Node, key string) string {
	text := ""
	switch n := n.(type) {
	case *ast.StringNode:
		text = n.Value
	case *ast.LiteralNode:
		text = n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		text = n.GetToken().Value
	case *ast.NullNode:
	default:
		r.add(line(n), "%s: must be a single value", key)
		return ""
	}
	if text = strings.TrimSpace(text); text == "" {
		r.add(line(n), "%s: has no value", key)
	}
	return text
}

func isMapping(n ast.Node) bool {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return true
	}
	return false
}

func pairs(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

// line returns where a node begins, counted from 1; 0 where that is not known.
// A mapping begins at its first key.
func line(n ast.Node) int {
	if all := pairs(n); len(all) > 0 {
		n = all[0].Key
	}
	if n == nil {
		return 0
	}
	if tk := n.GetToken(); tk != nil && tk.Position != nil {
		return tk.Position.Line
	}
	return 0
}
