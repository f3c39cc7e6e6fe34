package federation

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/issuer"
	"github.com/adit-hq/adit/internal/tenant"
)

// Exchange tells what was sent to STS and what became of it. It holds no
// secret: neither the token nor the credentials.
type Exchange struct {
	Environment string            `json:"environment"`
	Issuer      string            `json:"issuer"`
	Subject     string            `json:"subject"`
	Audience    string            `json:"audience"`
	KID         string            `json:"kid"`
	JTI         string            `json:"jti"`
	RoleARN     string            `json:"role_arn"`
	Session     string            `json:"session_name"`
	Tags        map[string]string `json:"session_tags,omitempty"`
	// Host is the STS endpoint that was asked.
	Host string `json:"sts_host,omitempty"`
	// Calls counts the calls to STS; 0 when a token could not even be made.
	Calls int `json:"calls"`
	// Outcome is "ok", AWS's error code, or "timeout", "unreachable", "bad_answer" or "not_sent".
	Outcome string `json:"outcome"`
	// RequestID is AWS's, for its support.
	RequestID string `json:"aws_request_id,omitempty"`
	// Expires is when the credentials end, by AWS's clock; zero: there are none.
	Expires time.Time `json:"expires,omitzero"`
	// ClockOffset is how far AWS's clock is ahead of this machine's, in seconds; nil: unknown.
	ClockOffset *float64 `json:"clock_offset_seconds,omitempty"`
}

// run is one exchange under way.
type run struct {
	f       *Federation
	env     tenant.Environment
	role    tenant.Role
	session session
	mint    func(context.Context) (issuer.Token, error)
	settle  time.Duration // how long a new role may go on refusing
	place   *place        // nil: not for one
	// negative says that the role ought to refuse: it says nothing of the environment's health.
	negative bool

	token issuer.Token
	tell  Exchange
	tries tries
}

// exchanged is what a run that went well gives.
type exchanged struct {
	credential.Credentials
	life time.Duration // as of the moment it came
}

// newRun prepares an exchange of the environment's own token.
func (f *Federation) newRun(env *tenant.Environment, s session) (*run, error) {
	if env.RoleARN == "" {
		return nil, env.Usable() // which says so
	}
	r, err := tenant.ParseRole(env.RoleARN)
	if err != nil {
		return nil, err
	}
	audience := ""
	if len(env.Audiences) > 0 {
		audience = env.Audiences[0]
	}
	x := &run{f: f, env: *env, role: r, session: s}
	x.mint = func(ctx context.Context) (issuer.Token, error) {
		return f.settings.Issuer.Mint(ctx, issuer.Claims{Organization: env.Organization, Environment: env.ID, Audience: audience, Tags: s.tags})
	}
	x.tell = Exchange{Environment: env.ID, RoleARN: env.RoleARN, Session: s.name, Tags: s.tags, Audience: audience}
	return x, nil
}

// do exchanges, with as many tries as the errors allow. Its errors are faults.
func (x *run) do(ctx context.Context) (exchanged, error) {
	begun := x.f.settings.Now()
	for {
		if err := x.renew(ctx); err != nil {
			return exchanged{}, x.notSent(err)
		}
		if err := x.f.budgets.call(ctx, x.role.Account, x.env.Region); err != nil {
			return exchanged{}, x.notSent(err)
		}
		x.tell.Calls++
		a, refused, err := x.f.sts.assume(ctx, question{
			role: x.role, arn: x.env.RoleARN, region: x.env.Region, session: x.session.name, token: x.token.Compact, duration: x.duration(),
		})
		if refused == nil && err != nil {
			return exchanged{}, x.notSent(err)
		}
		if refused == nil {
			return x.granted(a), nil
		}
		x.note(refused)
		if err != nil { // the ctx ended while AWS was asked
			return exchanged{}, fault.From(err)
		}
		if !x.again(ctx, refused, begun) {
			return exchanged{}, x.refused(refused)
		}
	}
}

// renew makes a token. While the one that was sent can still be sent it stays,
// unless the issuer has taken another key into use since: that token may be of
// a key which AWS will never get.
func (x *run) renew(ctx context.Context) error {
	sent := &x.token
	usable := !sent.Compact.Empty() && !x.tries.mintAnew && sent.Expires.Sub(x.f.settings.Now()) > 30*time.Second
	token, err := x.mint(ctx)
	if usable && (err != nil || token.KID == sent.KID) {
		return nil //nolint:nilerr // an issuer that cannot sign now has signed the token that was sent
	}
	if err != nil {
		return x.unminted(err)
	}
	x.tries.mintAnew = false
	x.token = token
	x.tell.Issuer, x.tell.Subject, x.tell.Audience, x.tell.KID, x.tell.JTI = token.Issuer, token.Subject, token.Audience, token.KID, token.JTI
	return nil
}

// duration is what the session asks for; AWS takes 15 minutes to 12 hours.
func (x *run) duration() time.Duration {
	if x.env.Session <= 0 {
		return time.Hour
	}
	return min(max(x.env.Session, 15*time.Minute), 12*time.Hour)
}

// granted puts AWS's answer into credentials.
func (x *run) granted(a *answer) exchanged {
	x.tell.Outcome, x.tell.RequestID, x.tell.Expires = "ok", a.requestID, a.expires
	x.clock(a.offset, a.dated)
	identity := "role:" + x.env.RoleARN + "/" + x.session.name
	if x.session.tagged != "" {
		identity += "#" + x.session.tagged // AWS sees other tags, and bills by them
	}
	return exchanged{life: a.life, Credentials: credential.Credentials{
		AccessKeyID: a.keyID, SecretAccessKey: a.key, SessionToken: a.token, Expires: a.expires,
		Identity: identity, Account: x.role.Account, Source: "environment " + x.env.Name,
	}}
}

func (x *run) note(r *refusal) {
	x.tell.Host, x.tell.Outcome, x.tell.RequestID = r.host, r.outcome, r.aws.RequestID
	x.clock(r.offset, r.dated)
}

func (x *run) clock(offset time.Duration, dated bool) {
	if dated {
		seconds := offset.Seconds()
		x.tell.ClockOffset = &seconds
	}
}

// Exchange asks STS once for credentials of the caller, whatever is in memory,
// for verification and diagnosis. The state of the environment does not matter.
// The Exchange tells what was sent, also beside an error, which is a *fault.Error.
func (f *Federation) Exchange(ctx context.Context, env tenant.Environment, c caller.Caller) (Exchange, credential.Credentials, error) {
	return f.exchangeOnce(ctx, env, c, 0)
}

// SettleTime is how long IAM may take to let a new role or trust policy take effect.
const SettleTime = 60 * time.Second

// Settle is Exchange for a role that was made or changed a moment ago: AWS's No
// is not final before [SettleTime] is over.
func (f *Federation) Settle(ctx context.Context, env tenant.Environment, c caller.Caller) (Exchange, credential.Credentials, error) {
	return f.exchangeOnce(ctx, env, c, SettleTime)
}

func (f *Federation) exchangeOnce(ctx context.Context, env tenant.Environment, c caller.Caller, settle time.Duration) (Exchange, credential.Credentials, error) {
	ctx, done := f.bound(ctx)
	defer done()
	plain, err := f.plainUsers(&env)
	if err != nil {
		return Exchange{}, credential.Credentials{}, err
	}
	x, err := f.newRun(&env, f.names.sessionFor(&env, plain, c))
	if err != nil {
		return Exchange{}, credential.Credentials{}, err
	}
	x.settle = settle
	got, err := f.recorded(ctx, x, c)
	return x.tell, got.Credentials, err
}
