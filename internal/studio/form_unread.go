package studio

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
)

// What a person typed and Studio cannot read goes to the control API all the
// same, as a value that the API refuses in that field. So the API finds what
// else is wrong, all of it is told at once, and nothing is made. The values pass
// the API's schema: what the schema refuses, the API looks no further at.

// refusedNumber is more than any limit, and longer than any session.
const refusedNumber = math.MaxInt32

// refusedText is a subject that no token has.
const refusedText = ""

// refusedTags have a tag without a name.
func refusedTags() map[string]string { return map[string]string{"": ""} }

// refusedList names nothing that there is; an empty list might mean everything.
func refusedList() []string { return []string{""} }

// refusedRoles are none that a key can have together. Everybody who makes keys may give each.
func refusedRoles() []string { return []string{string(access.Invoke), string(access.Invoke)} }

// refusedEnd is long past.
func refusedEnd() time.Time { return time.Unix(0, 0).UTC() }

// together tells what Studio could not read, unread, and what the API found, at
// once. Of a field that Studio could not read it says what Studio does: the API
// saw another value.
func together(unread fault.Inputs, err error) error {
	switch f := fault.From(err); {
	case len(unread) == 0:
		return err
	case f == nil:
		return fault.New(fault.Internal, "the control API accepted what Studio could not read: %s", strings.Join(fieldsOf(unread), ", "))
	case f.Kind != fault.Invalid || !strings.HasPrefix(f.Param, "body."): // such as a conflict
		return err
	}
	all := slices.Clone(unread)
	for _, each := range eachOf(err) {
		if !slices.Contains(fieldsOf(unread), fieldOf(each)) {
			all = append(all, each)
		}
	}
	return all.Err()
}

func fieldsOf(faults fault.Inputs) []string {
	names := make([]string, len(faults))
	for i, each := range faults {
		names[i] = fieldOf(each)
	}
	return names
}

// fieldOf is the field that a fault is of, as forms name it; "" for none.
func fieldOf(err error) string { return strings.TrimPrefix(fault.From(err).Param, "body.") }
