package trust

import (
	"strconv"

	"github.com/adit-hq/adit/internal/fault"
)

// refused is the one fault of all tokens that let nobody in: Unauthenticated,
// "invalid_token". Its words may hold what the token says of itself, and never
// whom else an organization trusts.
func refused(format string, args ...any) *fault.Error {
	return fault.New(fault.Unauthenticated, format, args...).WithCode("invalid_token")
}

func unreadable() error {
	return refused("the token cannot be read: it is not a signed JSON Web Token in compact form").
		WithRemedy("Send the issuer's token unchanged, as a bearer token.")
}

// quoted makes words of a token harmless to show: quoted, in ASCII, and cut.
func quoted(text string) string {
	const most = 200
	if len(text) > most {
		return strconv.QuoteToASCII(text[:most]) + "…"
	}
	return strconv.QuoteToASCII(text)
}
