package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/fault"
)

type emulatorCmd struct {
	Listen  string            `default:"127.0.0.1:4566" placeholder:"ADDRESS" setting:"ADIT_EMULATOR_LISTEN" help:"Where the emulator listens (default ${default}; port 0 takes a free one)."`
	Quota   map[string]int    `placeholder:"MODEL=N" help:"Let a model take N calls in any minute; may be repeated."`
	Latency latencyRange      `placeholder:"DURATION" help:"How long a call takes: 20ms, or 20ms-80ms for an even spread."`
	Fault   []faultSpec       `sep:"none" placeholder:"FAULT" help:"Spoil calls: throttle, cut, cut-body, expired-token, malformed or wrong-count, each alone or with =PROBABILITY; delay=2s; status=503; or JSON as /_emulator/faults takes it. May be repeated."`
	Seed    *uint64           `placeholder:"N" help:"Draw latency and faults alike in every run."`
	KeyID   string            `name:"access-key-id" placeholder:"ID" help:"Accept this access key instead of a random one."`
	Secret  string            `name:"secret-access-key" placeholder:"KEY" help:"The secret of --access-key-id. It guards nothing: choose none that is used elsewhere."`
	Map     map[string]string `placeholder:"HOST=ADDRESS" help:"Find an issuer at this address, such as issuer.adit.test=127.0.0.1:8443; may be repeated."`
	CA      string            `name:"ca" placeholder:"FILE" help:"Trust these certificate authorities of issuers besides the machine's; PEM."`
	listing
}

// Help is the text under the usage line.
func (emulatorCmd) Help() string {
	return `Plays AWS on this machine until Ctrl-C: Bedrock's embedding models, STS, IAM, and the endpoints that hand out credentials. It checks signatures, policies, bodies and quotas as AWS does. AWS CLI, the SDKs and Adit talk to it unchanged.

Like AWS it fetches the public keys of an issuer over https, from port 443. --map says where an issuer of a made-up name is found, and --ca whose certificate it may have.

Its vectors are lexical: texts that share words are near each other, and that is all. They say nothing about the quality of a real model.

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
			WithRemedy("Another program may have the port: choose one with --listen, or 127.0.0.1:0 for a free one.")
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
const emulatorText = `# An emulator of Amazon Bedrock for account %[5]s. Its vectors are lexical: they know shared words, no meaning.
export AWS_ENDPOINT_URL=%[1]s
export ADIT_AWS_ENDPOINT_URL=%[1]s
export AWS_ACCESS_KEY_ID=%[2]s
export AWS_SECRET_ACCESS_KEY=%[3]s
export AWS_REGION=%[4]s AWS_DEFAULT_REGION=%[4]s

# With the AWS CLI:
aws bedrock list-foundation-models --by-output-modality EMBEDDING
aws bedrock-runtime invoke-model --model-id amazon.titan-embed-text-v2:0 --cli-binary-format raw-in-base64-out --body '{"inputText":"Good morning"}' /dev/stdout

# Ctrl-C ends it.
`

func (c *emulatorCmd) emulator() (*emulator.Emulator, error) {
	if (c.KeyID == "") != (c.Secret == "") {
		return nil, wrongUsage("--access-key-id and --secret-access-key belong together: give both or neither")
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
