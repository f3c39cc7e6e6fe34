package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/fault"
)

type emulatorCmd struct {
	Listen  string            `default:"127.0.0.1:4566" placeholder:"ADDRESS" setting:"ADIT_EMULATOR_LISTEN" help:"Address to listen on (default ${default}; port 0 picks a free one)."`
	Quota   map[string]int    `placeholder:"MODEL=N" help:"Quota of a model, in calls per minute; may be repeated (default: no limit)."`
	Latency latencyRange      `placeholder:"DURATION" help:"Latency of a call: 20ms, or 20ms-80ms for a uniform distribution."`
	Fault   []faultSpec       `sep:"none" placeholder:"FAULT" help:"Inject a fault: throttle, cut, cut-body, expired-token, malformed or wrong-count, optionally with =PROBABILITY; delay=2s; status=503; or JSON as for /_emulator/faults; may be repeated."`
	Seed    *uint64           `placeholder:"N" help:"Seed for latency and faults, to repeat a run exactly."`
	KeyID   string            `name:"access-key-id" placeholder:"ID" help:"Access key to accept (default: random)."`
	Secret  string            `name:"secret-access-key" placeholder:"KEY" help:"Secret of --access-key-id. It protects nothing: do not use a real one."`
	Map     map[string]string `placeholder:"HOST=ADDRESS" help:"Address at which to reach an issuer's host, such as issuer.adit.test=127.0.0.1:8443; may be repeated."`
	CA      string            `name:"ca" placeholder:"FILE" help:"PEM file of certificate authorities to trust for issuers, besides the system's."`
	listing
}

// Help is the text under the usage line.
func (emulatorCmd) Help() string {
	return `Runs until Ctrl-C and emulates Bedrock's embedding models, STS, IAM, and AWS's credential endpoints. It checks signatures, policies, bodies and quotas as AWS does. The AWS CLI, the SDKs and Adit work with it unchanged.

Like AWS, it fetches an issuer's public keys over https from port 443. For an issuer with a made-up host name, --map gives its address and --ca the authority that signed its certificate.

Its vectors are lexical: texts that share words are close, and nothing more. They say nothing about the quality of a real model.

Examples:

    adit emulator --quota amazon.titan-embed-text-v2:0=60 --latency 20ms-80ms --fault throttle=0.1
    adit emulator --map issuer.adit.test=127.0.0.1:8090 --ca ca.pem`
}

// emulatorAnswer is what `adit emulator --output json` prints, as one value,
// when it listens.
type emulatorAnswer struct {
	Endpoint        string `json:"endpoint_url"`
	AccessKeyID     string `json:"aws_access_key_id"`
	SecretAccessKey string `json:"aws_secret_access_key"`
	Region          string `json:"aws_region"`
	Account         string `json:"account"`
	Vectors         string `json:"vectors"`
}

// Run plays AWS until ctx ends.
func (c *emulatorCmd) Run(ctx context.Context, p *Process) error {
	e, err := c.emulator()
	if err != nil {
		return err
	}
	if err := e.Start(c.Listen); err != nil {
		return fault.Wrap(err, fault.Config, "the emulator cannot listen on %s: %v", c.Listen, err).
			WithRemedy("The port may be in use: choose another with --listen, or 127.0.0.1:0 for a free one.")
	}
	defer func() { _ = e.Close() }()
	key := e.DefaultKey()
	answer := emulatorAnswer{e.URL(), key.AccessKeyID, key.SecretAccessKey, "us-east-1", e.Account(), "lexical"}
	if c.json() {
		err = printJSON(p.Stdout, answer)
	} else {
		_, err = fmt.Fprintf(p.Stdout, emulatorText, answer.Endpoint, answer.AccessKeyID, answer.SecretAccessKey, answer.Region, answer.Account)
	}
	if err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// emulatorText is a shell script: its lines can be pasted as they are. The key
// is made for one run and opens nothing but this emulator.
const emulatorText = `# An emulator of Amazon Bedrock for account %[5]s. Its vectors are lexical: they reflect shared words, not meaning.
export AWS_ENDPOINT_URL=%[1]s
export ADIT_AWS_ENDPOINT_URL=%[1]s
export AWS_ACCESS_KEY_ID=%[2]s
export AWS_SECRET_ACCESS_KEY=%[3]s
export AWS_REGION=%[4]s AWS_DEFAULT_REGION=%[4]s

# With the AWS CLI:
aws bedrock list-foundation-models --by-output-modality EMBEDDING
aws bedrock-runtime invoke-model --model-id amazon.titan-embed-text-v2:0 --cli-binary-format raw-in-base64-out --body '{"inputText":"Good morning"}' /dev/stdout

# Press Ctrl-C to stop.
`

func (c *emulatorCmd) emulator() (*emulator.Emulator, error) {
	if (c.KeyID == "") != (c.Secret == "") {
		return nil, wrongUsage("--access-key-id and --secret-access-key must be given together")
	}
	options := []emulator.Option{emulator.WithoutDefaultKey()}
	if c.KeyID != "" {
		options = append(options, emulator.WithKey(emulator.Key{AccessKeyID: c.KeyID, SecretAccessKey: c.Secret, Policies: []string{administrator}}))
	}
	if c.Seed != nil {
		options = append(options, emulator.WithSeed(*c.Seed))
	}
	for id, rpm := range c.Quota {
		options = append(options, emulator.WithQuota(id, rpm))
	}
	if c.Latency != (latencyRange{}) {
		options = append(options, emulator.WithLatency(c.Latency.from, c.Latency.to))
	}
	issuers, err := c.issuers()
	if err != nil {
		return nil, err
	}
	options = append(options, issuers...)
	for _, f := range c.Fault {
		options = append(options, emulator.WithFault(emulator.Fault(f)))
	}
	e, err := emulator.New(options...)
	if err == nil && c.KeyID == "" {
		_, err = e.AddUser("adit", administrator)
	}
	if err != nil {
		return nil, wrongUsage("%s", strings.TrimPrefix(err.Error(), "emulator: "))
	}
	return e, nil
}

// administrator lets the emulator's key do all that is tried with it: call
// models, and set the account up for an environment.
const administrator = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["bedrock:*","iam:*","sts:*"],"Resource":"*"}]}`
