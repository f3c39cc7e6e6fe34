package fault

import "errors"

// Root returns the innermost error of a chain, which names the cause and not the
// way to it.
func Root(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
