package fault

import (
	"fmt"
	"strings"
)

// Inputs collects what is wrong with an input, so that one answer tells all of it.
type Inputs []error

// Add notes a fault of kind Invalid with the code "invalid_input" at a field. The
// words of the client may be in it only where they were found harmless.
func (i *Inputs) Add(field, format string, args ...any) {
	*i = append(*i, New(Invalid, format, args...).WithParam(field).WithCode("invalid_input"))
}

// Error implements error.
func (i Inputs) Error() string { return fmt.Sprintf("%d faults", len(i)) }

// Unwrap returns each fault, with its place in Param.
func (i Inputs) Unwrap() []error { return i }

// Err returns nil, the one fault, or one that tells all of them.
func (i Inputs) Err() error {
	switch len(i) {
	case 0:
		return nil
	case 1:
		return i[0]
	}
	sentences := make([]string, len(i))
	for n, each := range i {
		sentences[n] = From(each).Sentence()
	}
	return Wrap(i, Invalid, "%s", strings.Join(sentences, "; ")).WithCode("invalid_input")
}
