package spicepod

import "github.com/goccy/go-yaml/token"

// Limits on what is given to the parser: some of its steps take the square of
// the number of siblings or of the depth.
const (
	maxTokens   = 100_000
	maxSiblings = 10_000
	maxTags     = 1_000
	maxKey      = 1_024
)

// modest refuses what the parser would choke on, and a second document.
func (r *reader) modest(tokens token.Tokens) bool {
	refuse := func(tk *token.Token, format string, args ...any) bool {
		r.fault(place(tk), format, args...).remedy("Keep the Spicepod small and simple: Adit needs only secrets: and embeddings:.")
		return false
	}
	if len(tokens) > maxTokens {
		return refuse(tokens[maxTokens], "the file has more than %d parts", maxTokens)
	}
	var m measure
	for _, tk := range tokens {
		m.add(tk)
		switch {
		case m.depth() > maxDepth:
			return refuse(tk, "the file is nested deeper than %d levels", maxDepth)
		case m.siblings > maxSiblings:
			return refuse(tk, "a list or mapping has more than %d entries", maxSiblings)
		case m.tags > maxTags:
			return refuse(tk, "the file has more than %d tags", maxTags)
		case tk.Type == token.MappingValueType && tk.Prev != nil && len(tk.Prev.Value) > maxKey:
			return refuse(tk, "a key is longer than %d bytes", maxKey)
		case m.documents > 1:
			r.fault(place(tk), "a second YAML document begins here").remedy("Keep one document per file.")
			return false
		}
	}
	return true
}

// measure counts what makes a file heavy.
type measure struct {
	columns  []level // of the open block mappings and lists
	flow     int     // open brackets and braces
	siblings int     // entries of the innermost block so far
	tags     int
	// documents counts those with content; a header or an end before any content opens none.
	documents int
	open      bool
	directive int // the line of the last directive
}

// level is one step of block indentation.
type level struct{ column, entries int }

func (m *measure) depth() int { return m.flow + len(m.columns) }

func (m *measure) add(tk *token.Token) {
	switch tk.Type {
	case token.DocumentHeaderType, token.DocumentEndType:
		m.open, m.columns = false, nil
		return
	case token.DirectiveType:
		m.directive = tk.Position.Line
		return
	case token.MappingStartType, token.SequenceStartType:
		m.flow++
	case token.MappingEndType, token.SequenceEndType:
		m.flow = max(0, m.flow-1)
	case token.TagType:
		m.tags++
	case token.SequenceEntryType, token.MappingKeyType:
		m.entry(tk.Position.Column)
	case token.MappingValueType:
		if tk.Prev != nil {
			m.entry(tk.Prev.Position.Column)
		}
	default:
	}
	if content := tk.Type != token.CommentType && tk.Position.Line != m.directive; content && !m.open {
		m.open = true
		m.documents++
	}
}

// entry notes a key or a dash at a column. Inside brackets and braces columns mean nothing.
func (m *measure) entry(column int) {
	if m.flow > 0 {
		return
	}
	for len(m.columns) > 0 && m.columns[len(m.columns)-1].column > column {
		m.columns = m.columns[:len(m.columns)-1]
	}
	if len(m.columns) == 0 || m.columns[len(m.columns)-1].column < column {
		m.columns = append(m.columns, level{column: column})
	}
	top := &m.columns[len(m.columns)-1]
	top.entries++
	m.siblings = top.entries
}
