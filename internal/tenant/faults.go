package tenant

import (
	"fmt"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// faults collects what is wrong with an input, so that one answer tells all of it.
type faults []error

// add notes a fault of the field. The words of the client are in it only where
// they were found harmless.
func (f *faults) add(field, format string, args ...any) {
	*f = append(*f, fault.New(fault.Invalid, format, args...).WithParam(field).WithCode("invalid_input"))
}

// Error implements error.
func (f faults) Error() string { return fmt.Sprintf("%d faults", len(f)) }

// Unwrap returns each fault, with its place in Param.
func (f faults) Unwrap() []error { return f }

// err returns nil, the one fault, or one that tells all of them.
func (f faults) err() error {
	switch len(f) {
	case 0:
		return nil
	case 1:
		return f[0]
	}
	sentences := make([]string, len(f))
	for i, each := range f {
		sentences[i] = fault.From(each).Sentence()
	}
	return fault.Wrap(f, fault.Invalid, "%s", strings.Join(sentences, "; ")).WithCode("invalid_input")
}
