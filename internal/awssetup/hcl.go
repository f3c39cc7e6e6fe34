package awssetup

import (
	"fmt"
	"strings"
)

// hclText quotes a text for HCL (HCL native syntax, Template Literals): ${ and
// %{ would begin an expression. The account's place becomes one.
func hclText(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range text {
		switch {
		case string(r) == account:
			b.WriteString("${data.aws_caller_identity.current.account_id}")
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' || r == '\u0085':
			fmt.Fprintf(&b, `\u%04x`, r)
		case (r == '$' || r == '%') && strings.HasPrefix(text[i+1:], "{"):
			b.WriteRune(r)
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// hclValue writes a tree as an HCL expression, indented as `terraform fmt` does.
// refs replaces texts by expressions.
func hclValue(t tree, indent string, refs map[string]string) string {
	deeper := indent + "  "
	var b strings.Builder
	switch v := t.(type) {
	case string:
		if ref, ok := refs[v]; ok {
			return ref
		}
		return hclText(v)
	case []tree:
		b.WriteString("[\n")
		for _, one := range v {
			b.WriteString(deeper + hclValue(one, deeper, refs) + ",\n")
		}
		b.WriteString(indent + "]")
	case members:
		b.WriteString("{\n")
		for _, one := range v {
			b.WriteString(deeper + hclText(one.name) + " : " + hclValue(one.value, deeper, refs) + ",\n")
		}
		b.WriteString(indent + "}")
	default:
		return fmt.Sprint(v)
	}
	return b.String()
}

// hclAttribute is a line of a block.
type hclAttribute struct{ name, expression string }

// hclLines writes attributes with their equals signs in one column.
func hclLines(indent string, list ...hclAttribute) string {
	width := 0
	for _, a := range list {
		width = max(width, len(a.name))
	}
	var b strings.Builder
	for _, a := range list {
		fmt.Fprintf(&b, "%s%-*s = %s\n", indent, width, a.name, a.expression)
	}
	return b.String()
}
