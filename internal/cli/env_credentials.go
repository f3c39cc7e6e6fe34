package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

type envCredentialsCmd struct {
	Env string `arg:"" optional:"" help:"Environment, by name or id (default: the only one that the API key may use)."`
	controlFlags
}

// Help is the text under the usage line.
func (envCredentialsCmd) Help() string {
	return `Prints temporary AWS credentials in the format of AWS's credential_process, so that any AWS SDK or tool works without AWS keys. ADIT_API_KEY must hold an API key with the role credentials. Every use is recorded in the audit log.

Add this to ~/.aws/config:

    [profile prod]
    region = eu-central-1
    credential_process = adit env credentials prod

Examples:

    ADIT_SERVER=https://adit.example.com adit env credentials prod
    ADIT_SERVER=https://adit.example.com aws s3 ls --profile prod`
}

// credentialsPath is where the server hands AWS credentials out, in the format
// of AWS's container endpoint.
const credentialsPath = "/v1/aws/credentials" //nolint:gosec // a path

// takenCredentials are that format's members which both formats have.
type takenCredentials struct {
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	Token           string
	Expiration      string
	AccountID       string `json:"AccountId"`
}

// processCredentials is what AWS's tools read from a credential_process (AWS
// SDKs and Tools reference, process credential provider).
type processCredentials struct {
	Version         int
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      string
	AccountID       string `json:"AccountId,omitempty"`
}

// Run prints credentials.
func (c *envCredentialsCmd) Run(ctx context.Context, p *Process) error {
	key := secret.New(p.getenv(keyVariable))
	if key.Empty() {
		return fault.New(fault.Unauthenticated, "AWS credentials need an API key").
			WithRemedy("Create one with `adit key create NAME --role credentials` and put it into the variable %s.", keyVariable)
	}
	where, err := c.reach(ctx, p, key)
	if err != nil {
		return err
	}
	got, err := c.take(ctx, p, where, key)
	if err = errors.Join(err, where.end()); err != nil {
		return err
	}
	return printJSON(p.Stdout, processCredentials{1, got.AccessKeyID, got.SecretAccessKey, got.Token, got.Expiration, got.AccountID})
}

func (c *envCredentialsCmd) take(ctx context.Context, p *Process, where reached, key secret.String) (got takenCredentials, err error) {
	address := strings.TrimRight(where.url, "/") + credentialsPath
	if c.Env != "" {
		address += "?environment=" + url.QueryEscape(c.Env)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return got, fault.New(fault.Config, "the server's URL must be http:// or https:// and a host").WithRemedy("Set --server or ADIT_SERVER to one such as https://adit.example.com.")
	}
	req.Header.Set("Authorization", "Bearer "+key.Reveal())
	req.Header.Set("User-Agent", "adit/"+p.version())
	sender := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }} // the key is for this server only
	if where.http != nil {
		sender.Transport = where.http.Transport
	}
	resp, err := sender.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return got, fault.From(ctx.Err())
		}
		return got, fault.Wrap(err, fault.Unavailable, "the Adit server cannot be reached: %v", withoutURL(err)).
			WithRemedy("Check --server or ADIT_SERVER, and that `adit serve` runs there.")
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err == nil && resp.StatusCode == http.StatusOK && json.Unmarshal(body, &got) == nil && got.Token != "" {
		return got, nil
	}
	return got, refusedCredentials(resp, body)
}

func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// refusedCredentials is the server's refusal as a fault. The endpoint answers
// AWS's SDKs, with a code and a message only.
func refusedCredentials(resp *http.Response, body []byte) error {
	var said struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	kind := kindOfStatus(resp.StatusCode)
	if resp.StatusCode == http.StatusFailedDependency {
		kind = fault.Refused // 5xx would have AWS's SDKs try again
	}
	if json.Unmarshal(body, &said) != nil || said.Message == "" {
		return fault.New(kind, "the answer is not from Adit (%s)", resp.Status).WithRemedy("Check --server or ADIT_SERVER, and proxies in between.")
	}
	return fault.New(kind, "%s", said.Message).WithCode(said.Code)
}
