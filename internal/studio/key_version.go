package studio

import (
	"maps"
	"strconv"

	"github.com/adit-hq/adit/internal/fault"
)

// versioned has a form remember which version of a thing it shows.
func versioned(f form, version int64) form {
	f.values = maps.Clone(f.values)
	f.values.Set("version", strconv.FormatInt(version, 10))
	return f
}

// outdated reports whether a form was opened on another version than there is now.
func outdated(f form, version int64) bool {
	return f.Value("version") != strconv.FormatInt(version, 10)
}

// meanwhile is the fault of a form that somebody else was faster than. It is
// drawn with what was typed and the version that is there now: sent once more,
// it is saved over that.
func meanwhile() error {
	return fault.New(fault.Invalid, "someone else changed this after you opened the form, and your changes are not saved yet").
		WithCode("conflict").WithRemedy("Open it in another window to compare, then save again to overwrite theirs.")
}

// conflicts reports whether the control API found another version.
func conflicts(err error) bool { return err != nil && fault.From(err).Code == "conflict" }
