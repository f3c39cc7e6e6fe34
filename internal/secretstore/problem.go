package secretstore

import (
	"fmt"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// Problem is one thing that keeps a store from answering: a faulty line of a
// .env file, a file that cannot be read, a name twice.
type Problem struct {
	// Store is the index of the store's Config, where Open found the problem.
	Store int
	// Path is the file at fault; "" when the store's definition is.
	Path string
	// Line counts from 1; 0 means the whole file.
	Line int
	// Message says what is wrong, and Remedy what to do. Neither holds a value.
	Message, Remedy string
}

// Error returns "path:line: message. remedy".
func (p *Problem) Error() string {
	text := p.Message
	switch {
	case p.Path != "" && p.Line > 0:
		text = fmt.Sprintf("%s:%d: %s", p.Path, p.Line, p.Message)
	case p.Path != "":
		text = p.Path + ": " + p.Message
	}
	if p.Remedy != "" {
		text += ". " + p.Remedy
	}
	return text
}

// Problems is all that was found at once. As a fault it is a [fault.Config].
type Problems []*Problem

// Error returns one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// As lets errors.As see the problems as one *fault.Error.
func (ps Problems) As(target any) bool {
	f, ok := target.(**fault.Error)
	if !ok {
		return false
	}
	*f = fault.New(fault.Config, "%s", ps.Error())
	return true
}
