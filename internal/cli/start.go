package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/adit-hq/adit/internal/app"
)

// printStart tells a person at a terminal what is served and how to try it.
func (p *Process) printStart(a *app.App, keys bool) {
	writeStart(p.Stdout, a.URL(), a.MetricsURL(), a.Models(), keys)
}

func writeStart(w io.Writer, url, metrics string, models []string, keys bool) {
	fmt.Fprintf(w, "Adit serves %s at %s/v1\n", counted(int64(len(models)), "model"), url)
	for _, name := range models {
		fmt.Fprintln(w, "  "+name)
	}
	if metrics != "" {
		fmt.Fprintln(w, "Metrics: "+metrics)
	}
	if len(models) == 0 {
		fmt.Fprint(w, "There are no models yet. Create an environment and enable models in it, or add Bedrock embeddings to spicepod.yaml: Adit picks up both while it runs.\n\n")
		return
	}
	fmt.Fprintf(w, "\nTry it:\n\n  %s\n\n", curlLine(url, models[0], keys))
}

// printFirstLink shows a person at a terminal the way in to Studio, while nobody
// was ever there. Nothing else gets it: what a service prints is kept, and read by others.
func (p *Process) printFirstLink(ctx context.Context, a *app.App, log *slog.Logger) {
	link, err := a.FirstLink(ctx)
	if err != nil {
		log.Warn("no link that signs in to Studio could be made; `adit admin link` tries again", "error", err)
		return
	}
	writeFirstLink(p.Stdout, link)
}

func writeFirstLink(w io.Writer, link string) {
	if link != "" {
		fmt.Fprintf(w, "Nobody has signed in to Studio yet. Open this link, which works once, within 10 minutes:\n\n  %s\n\n", link)
	}
}

// curlLine is a request that a person can paste into a shell. It names the
// variable of a key and never a key.
func curlLine(url, model string, keys bool) string {
	line := "curl " + url + "/v1/embeddings -H 'Content-Type: application/json'"
	if strings.HasPrefix(url, "https:") {
		line += " --insecure"
	}
	if keys {
		line += ` -H "Authorization: Bearer $ADIT_API_KEY"`
	}
	return line + fmt.Sprintf(` -d '{"model": %q, "input": "Good morning"}'`, model)
}
