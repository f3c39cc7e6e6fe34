package client

import (
	"context"
	"strconv"
)

// versionKey is what a context holds a version under.
type versionKey struct{}

// IfMatch returns a context in which a thing is changed or deleted only as it was
// read: with that Version. Of another one the call is refused, a fault with the
// code "conflict". The call must have its id, for a version of a name is of no
// certain thing. Calls that read or make something are as ever; with 0 all are.
func IfMatch(ctx context.Context, version int64) context.Context {
	return context.WithValue(ctx, versionKey{}, version)
}

// asked is the If-Match of a context; "" for none.
func asked(ctx context.Context) string {
	if version, _ := ctx.Value(versionKey{}).(int64); version != 0 {
		return strconv.Quote(strconv.FormatInt(version, 10))
	}
	return ""
}
