package cli

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"math"
	"strconv"
	"strings"

	"github.com/adit-hq/adit/internal/app"
)

// defaultConfig is the file that commands read when none is named.
const defaultConfig = "spicepod.yaml"

// configFlag names the spicepod.yaml.
type configFlag struct {
	Config string `short:"c" default:"spicepod.yaml" placeholder:"FILE" setting:"ADIT_CONFIG" help:"Path of spicepod.yaml (default ${default})."`
}

// endpointFlags replace AWS's endpoints, for the emulator and for private ones.
type endpointFlags struct {
	All            string `name:"aws-endpoint-url" placeholder:"URL" setting:"ADIT_AWS_ENDPOINT_URL" help:"Endpoint for every AWS service." group:"AWS endpoints, for models without their own:"`
	BedrockRuntime string `name:"aws-endpoint-url-bedrock-runtime" placeholder:"URL" setting:"ADIT_AWS_ENDPOINT_URL_BEDROCK_RUNTIME" help:"Endpoint of Bedrock Runtime, which invokes models." group:"AWS endpoints, for models without their own:"`
	Bedrock        string `name:"aws-endpoint-url-bedrock" placeholder:"URL" setting:"ADIT_AWS_ENDPOINT_URL_BEDROCK" help:"Endpoint of Bedrock, which lists models and inference profiles." group:"AWS endpoints, for models without their own:"`
	STS            string `name:"aws-endpoint-url-sts" placeholder:"URL" setting:"ADIT_AWS_ENDPOINT_URL_STS" help:"Endpoint of STS, which exchanges and checks credentials." group:"AWS endpoints, for models without their own:"`
	SSO            string `name:"aws-endpoint-url-sso" placeholder:"URL" setting:"ADIT_AWS_ENDPOINT_URL_SSO" help:"Endpoint of the IAM Identity Center portal." group:"AWS endpoints, for models without their own:"`
	SSOOIDC        string `name:"aws-endpoint-url-sso-oidc" placeholder:"URL" setting:"ADIT_AWS_ENDPOINT_URL_SSO_OIDC" help:"Endpoint of IAM Identity Center's OIDC service, which refreshes tokens." group:"AWS endpoints, for models without their own:"`
}

func (e endpointFlags) endpoints() app.Endpoints {
	return app.Endpoints{All: e.All, BedrockRuntime: e.BedrockRuntime, Bedrock: e.Bedrock, STS: e.STS, SSO: e.SSO, SSOOIDC: e.SSOOIDC}
}

// logFlags say what is logged, and how.
type logFlags struct {
	LogLevel  string `enum:"debug,info,warn,error" default:"info" placeholder:"LEVEL" setting:"ADIT_LOG_LEVEL" help:"Lowest level to log: debug, info, warn or error (default ${default})."`
	LogFormat string `enum:"auto,json,text" default:"auto" placeholder:"FORMAT" setting:"ADIT_LOG_FORMAT" help:"json or text (default: text on a terminal, json elsewhere)."`
}

// logger writes to w, which is standard error: standard output is for what was asked for.
func (f logFlags) logger(w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.LogLevel)); err != nil {
		level = slog.LevelInfo // the grammar lets only levels through
	}
	format := f.LogFormat
	if format == "auto" {
		format = "json"
		if isTerminal(w) {
			format = "text"
		}
	}
	return app.NewLog(w, level, format)
}

// byteSize is a flag such as "32MiB", "500kB" or "1048576".
type byteSize int64

// UnmarshalText reads a size.
func (b *byteSize) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	digits := strings.TrimRight(s, "BKMGTkibmgt ")
	unit, known := units()[strings.ToLower(strings.TrimSpace(s[len(digits):]))]
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || !known || n < 0 || n > math.MaxInt64/unit {
		return fmt.Errorf("%q is no size: write a number and a unit, such as 32MiB or 500kB", s)
	}
	*b = byteSize(n * unit)
	return nil
}

// units are the multiples of a byte, decimal and binary.
func units() map[string]int64 {
	return map[string]int64{
		"": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9,
		"k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30,
	}
}

// configPath returns the file to read where a command was named one or none.
func (p *Process) configPath(named string) string {
	return cmp.Or(named, p.getenv("ADIT_CONFIG"), defaultConfig)
}
