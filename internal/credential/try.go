package credential

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/secret"
)

// trial tries sources: it gets credentials and finds out whether they are valid.
type trial struct {
	judge judge
	// dropped are credentials that AWS refused as expired; a source that gives
	// the very same again must have STS's word for them.
	dropped *Credentials
	// budget is how long the source may take, STS included.
	budget time.Duration
	// always asks STS even where nothing depends on it, for the doctor.
	always bool
}

// valid is what came of a source that gave valid credentials.
type valid struct {
	Credentials
	how    string
	arn    string
	static bool
	// doubt is why STS could not be asked; nil when it answered or was not needed.
	doubt string
}

// try gives the source's credentials if they are valid: complete, unexpired,
// obtained within the budget, and, where somebody wrote them down, not refused
// by STS. The error is always a *miss.
func (t trial) try(ctx context.Context, s source) (valid, error) {
	ctx, cancel := context.WithTimeout(ctx, t.budget)
	defer cancel()
	f, err := s.retrieve(ctx)
	if err != nil {
		var m *miss
		if errors.As(err, &m) {
			return valid{}, m
		}
		return valid{}, broken(why(ctx, err), "")
	}
	if ctx.Err() != nil {
		return valid{}, broken(why(ctx, ctx.Err()), "")
	}
	v := f.credentials(s.name())
	switch {
	case v.AccessKeyID == "" || v.SecretAccessKey.Empty():
		return valid{}, broken("it returned credentials without an access key id or secret", "")
	case !v.fresh(time.Now()):
		return valid{}, broken(fmt.Sprintf("its credentials expired at %s", v.Expires.UTC().Format(time.RFC3339)), "Get new ones from the same source.")
	}
	return t.identify(ctx, f, v)
}

// identify asks STS once who signs, where that decides or tells something.
func (t trial) identify(ctx context.Context, f found, v valid) (valid, error) {
	suspect := t.dropped != nil && t.dropped.same(&v.Credentials)
	if !f.static && !suspect && !t.always && v.Account != "" {
		return v, nil
	}
	who, err := t.judge.identify(ctx, f.keys)
	if err == nil {
		v.Account, v.arn = cmp.Or(who.account, v.Account), who.arn
		return v, nil
	}
	reason := why(ctx, err, f.keys.SecretAccessKey, f.keys.SessionToken)
	switch no := refused(err); {
	case no && (f.static || suspect):
		return valid{}, broken(fmt.Sprintf("AWS refused the key %s: %s", tail(v.AccessKeyID), reason), keyRemedy(code(err), reason, v.Credentials))
	case suspect:
		return valid{}, broken(fmt.Sprintf("it still returns the key %s, which AWS refused as expired, and STS cannot confirm it: %s", tail(v.AccessKeyID), reason), "Get new credentials from the same source.")
	case no && v.Account == "":
		v.doubt = "STS refused to identify the account: " + reason
	case v.Account == "" || f.static:
		v.doubt = "STS cannot confirm the credentials: " + reason
	}
	return v, nil
}

// credentials turns what a source gave into Adit's own value.
func (f found) credentials(source string) valid {
	v := valid{how: f.how, static: f.static, Credentials: Credentials{
		AccessKeyID:     f.keys.AccessKeyID,
		SecretAccessKey: secret.New(f.keys.SecretAccessKey),
		SessionToken:    secret.New(f.keys.SessionToken),
		Identity:        f.identity,
		Account:         f.keys.AccountID,
		Source:          source,
	}}
	if f.keys.CanExpire {
		v.Expires = f.keys.Expires
	}
	return v
}

func keyRemedy(code, reason string, c Credentials) string {
	switch {
	case strings.HasPrefix(c.AccessKeyID, "ASIA") && c.SessionToken.Empty():
		return "Keys that begin with ASIA are temporary: set their session token too."
	case strings.Contains(reason, "Signature expired"), strings.Contains(reason, "not yet current"):
		return "Set this machine's clock."
	case code == "SignatureDoesNotMatch":
		return "The secret does not belong to the access key: copy both again."
	case code == "ExpiredToken", code == "ExpiredTokenException":
		return "Get new temporary credentials."
	case code == "AccessDenied", code == "AccessDeniedException":
		return "Something on the way to STS, such as a VPC endpoint policy, denies sts:GetCallerIdentity: allow it."
	}
	return "Check that the key exists and is active, and that the region is enabled for the account; or create a new key."
}
