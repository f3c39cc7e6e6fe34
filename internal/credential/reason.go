package credential

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/adit-hq/adit/internal/fault"
)

// why puts an error into words that may be shown: AWS's code and message, or
// what the network or the file system said. The secrets, which an error of AWS
// may quote (its SignatureDoesNotMatch quotes the session token), are taken out.
func why(ctx context.Context, err error, secrets ...string) string {
	var api smithy.APIError
	var name *net.DNSError
	var op *net.OpError
	var file *fs.PathError
	var address *url.Error
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Sprintf("no answer within %v", Budget)
	case errors.As(err, &api) && api.ErrorCode() != "":
		return scrub(api.ErrorCode()+": "+api.ErrorMessage(), secrets)
	case status(err) >= 300:
		return fmt.Sprintf("HTTP status %d", status(err))
	case errors.As(err, &name):
		return fmt.Sprintf("the host name %s cannot be resolved: %s", name.Name, name.Err)
	case errors.As(err, &op) && op.Addr != nil:
		return fmt.Sprintf("cannot reach %s: %v", op.Addr, fault.Root(op.Err))
	case errors.As(err, &file):
		return fmt.Sprintf("%s: %v", file.Path, file.Err)
	case errors.As(err, &address) && address.Timeout():
		return "no answer in time"
	}
	return scrub(fault.Root(err).Error(), secrets)
}

// unreachable reports whether the network failed and nobody answered.
func unreachable(ctx context.Context, err error) bool {
	var netErr net.Error
	return ctx.Err() != nil || errors.As(err, &netErr)
}

// scrub keeps the first line of a text, at most 300 bytes of it, without the secrets.
func scrub(text string, secrets []string) string {
	for _, s := range secrets {
		if s = strings.TrimSpace(s); s != "" {
			text = strings.ReplaceAll(text, s, "[redacted]")
		}
	}
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "…"
	}
	return strings.TrimRight(text, " \r.")
}
