package spicepod

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// Fault is one thing that is wrong, with all that a person or an editor needs
// to mend it. It never holds the value of a secret.
type Fault struct {
	// File is the spicepod.yaml, or the .env file at fault.
	File string `json:"file"`
	// Line and Column count from 1, columns in characters; 0 means the whole file.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
	// Message says what is wrong and why.
	Message string `json:"message"`
	// Excerpt is the source line and, under it, a caret.
	Excerpt string `json:"excerpt,omitempty"`
	// DidYouMean is the allowed word that is nearest to the one in the file.
	DidYouMean string `json:"did_you_mean,omitempty"`
	// Allowed lists what may stand there.
	Allowed []string `json:"allowed,omitempty"`
	// Remedy says what to do.
	Remedy string `json:"remedy,omitempty"`
}

// String returns the fault as a terminal shows it, several lines without a last line end.
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d", f.Line)
		if f.Column > 0 {
			fmt.Fprintf(&b, ":%d", f.Column)
		}
	}
	b.WriteString(": " + f.Message)
	if f.Excerpt != "" {
		b.WriteString("\n" + f.Excerpt)
	}
	if f.DidYouMean != "" {
		b.WriteString("\n  Did you mean " + f.DidYouMean + "?")
	}
	if len(f.Allowed) > 0 {
		b.WriteString("\n" + wrap("  Allowed: ", f.Allowed))
	}
	if f.Remedy != "" {
		b.WriteString("\n  " + f.Remedy)
	}
	return b.String()
}

// wrap joins words by commas into lines of about a hundred columns.
func wrap(head string, words []string) string {
	var b strings.Builder
	b.WriteString(head)
	column := len(head)
	for i, w := range words {
		if i > 0 {
			b.WriteString(",")
			column++
			if column+1+len(w) > 100 {
				b.WriteString("\n" + strings.Repeat(" ", len(head)))
				column = len(head)
			} else {
				b.WriteString(" ")
				column++
			}
		}
		b.WriteString(w)
		column += len(w)
	}
	return b.String()
}

// Faults is everything that is wrong with one file, in the order of its lines.
type Faults struct {
	File  string  `json:"file"`
	Items []Fault `json:"faults"`
}

// Error returns all faults as a terminal shows them, a blank line between them.
func (fs *Faults) Error() string {
	texts := make([]string, len(fs.Items))
	for i, f := range fs.Items {
		texts[i] = f.String()
	}
	return strings.Join(texts, "\n\n")
}

// As lets errors.As see the faults as one *fault.Error of kind Config: its
// message counts them, its detail is their text.
func (fs *Faults) As(target any) bool {
	f, ok := target.(**fault.Error)
	if !ok {
		return false
	}
	noun := "faults"
	if len(fs.Items) == 1 {
		noun = "fault"
	}
	*f = fault.New(fault.Config, "%s has %d %s", fs.File, len(fs.Items), noun).
		WithCode("spicepod").WithDetail("%s", fs.Error())
	return true
}

// faults returns what was found, sorted and each once, or nil.
func (r *reader) faults() error {
	if len(r.found) == 0 {
		return nil
	}
	slices.SortStableFunc(r.found, func(a, b Fault) int {
		return cmp.Or(
			cmp.Compare(r.rank(a.File), r.rank(b.File)), cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	items := slices.CompactFunc(r.found, func(a, b Fault) bool {
		return a.File == b.File && a.Line == b.Line && a.Column == b.Column && a.Message == b.Message
	})
	return &Faults{File: r.src.name, Items: items}
}

// rank puts the Spicepod's own faults before those of its .env files.
func (r *reader) rank(file string) int {
	if file == r.src.name {
		return 0
	}
	return 1
}

// fault notes that something is wrong at a place. Details may be added to what
// it returns, until the next call.
func (r *reader) fault(at span, format string, args ...any) *Fault {
	r.found = append(r.found, Fault{
		File: r.src.name, Line: at.line, Column: at.col,
		Message: maskKeys(fmt.Sprintf(format, args...)),
		Excerpt: r.src.excerpt(at),
	})
	return &r.found[len(r.found)-1]
}

// allow adds what may stand there, and the nearest of it to word.
func (f *Fault) allow(word string, allowed []string) {
	f.Allowed, f.DidYouMean = allowed, nearest(word, allowed)
}

// remedy adds what to do.
func (f *Fault) remedy(format string, args ...any) {
	f.Remedy = fmt.Sprintf(format, args...)
}
