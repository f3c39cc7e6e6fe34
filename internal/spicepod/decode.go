package spicepod

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// decode reads the bytes as one YAML document and returns its top mapping. It
// returns nil where there is none, and then at least one fault is noted.
func (r *reader) decode(data []byte) *ast.MappingNode {
	if !r.plainText(data) {
		return nil
	}
	// The parser counts columns from the start of what it gets, and a byte order mark is no column.
	tokens := lexer.Tokenize(strings.Join(r.src.lines, "\n"))
	if !r.modest(tokens) {
		return nil
	}
	file, err := parse(tokens)
	if err != nil {
		r.syntax(err)
		return nil
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if _, directive := doc.Body.(*ast.DirectiveNode); doc.Body != nil && !directive {
			body = doc.Body
		}
	}
	switch body := bare(body).(type) {
	case nil:
		r.fault(span{}, "the file is empty").remedy("A Spicepod begins with version: v1, kind: Spicepod and name:.")
		return nil
	case *ast.MappingNode:
		if r.bind(body) {
			return body
		}
		return nil
	default:
		r.fault(place(body.GetToken()), "the file is not a mapping").remedy("A Spicepod begins with version: v1, kind: Spicepod and name:.")
		return nil
	}
}

// bare returns a node without its anchor and tag.
func bare(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.AnchorNode:
		return bare(n.Value)
	case *ast.TagNode:
		return bare(n.Value)
	}
	return n
}

// plainText refuses what is too large or no text, before anything parses it.
func (r *reader) plainText(data []byte) bool {
	if len(data) > MaxBytes {
		r.fault(span{}, "the file is larger than %d bytes", MaxBytes).remedy("Split it: Adit needs only secrets: and embeddings:.")
		return false
	}
	for i, line := range bytes.Split(data, []byte("\n")) {
		if !utf8.Valid(line) || bytes.IndexByte(line, 0) >= 0 {
			r.fault(span{line: i + 1}, "the file is not UTF-8 text").remedy("Save it as UTF-8.")
			return false
		}
	}
	return true
}

// parse calls the YAML parser, which is known to panic on some input that is no YAML.
func parse(tokens token.Tokens) (file *ast.File, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the YAML parser panicked")
		}
	}()
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

// quotedPart is what the parser quotes of the file: a name or a value, which may be a secret.
var quotedPart = regexp.MustCompile(`"(?:[^"\\]|\\.){2,}"`)

// syntax notes what the parser said, in its words but without its quotations.
func (r *reader) syntax(err error) {
	at, message := span{}, "the parser cannot read it"
	var yamlErr yaml.Error
	if errors.As(err, &yamlErr) {
		at = place(yamlErr.GetToken())
		message = strings.ReplaceAll(quotedPart.ReplaceAllString(yamlErr.GetMessage(), `"…"`), "\t", `\t`)
	}
	r.fault(at, "this is not YAML: %s", message).remedy("%s", r.hint(at, message))
}

// hint names the mistake that most often is behind a syntax fault.
func (r *reader) hint(at span, message string) string {
	line := ""
	if at.line > 0 && at.line <= len(r.src.lines) {
		line = r.src.lines[at.line-1]
	}
	switch {
	case strings.Contains(message, `\t`), strings.HasPrefix(strings.TrimLeft(line, " "), "\t"):
		return "YAML is indented with spaces; replace the tab."
	case strings.Contains(message, "could not find end character"):
		return "Close the quote that begins here."
	case strings.Contains(message, "reserved character"):
		return "Put quotes around the value."
	case strings.Contains(line, "${") && strings.ContainsAny(line, "{[") && strings.Contains(message, "must be specified"):
		return `Inside { } and [ ] put quotes around references: "${ secrets:NAME }".`
	}
	return "Check the indentation, the colons and the quotes here and on the line above."
}
