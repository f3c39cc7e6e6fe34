package cli

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/secret"
)

// client returns a client of the server that was named, or of an Adit inside
// this process, and how to end it. The model is known to exist then.
func (c *embedCmd) client(ctx context.Context, p *Process, log io.Writer) (*embedClient, func(), error) {
	client := &embedClient{body: embedBody{
		EncodingFormat: c.Encoding, InputType: c.InputType, Truncate: strings.ToUpper(c.Truncate), Dimensions: c.Dimensions,
	}}
	end := func() {}
	if c.Server != "" {
		base, err := serverURL(c.Server)
		if err != nil {
			return nil, nil, err
		}
		client.base, client.key, client.http = base, secret.New(p.getenv("ADIT_API_KEY")), c.httpClient()
	} else {
		a, err := app.NewInProcess(app.Settings{
			Config: c.Config, Endpoints: c.endpoints(), Environ: p.Environ, Version: p.version(),
			Log: slog.New(warnings{to: log}),
		})
		if err != nil {
			return nil, nil, err
		}
		client.base, client.http, client.alone = app.InProcessURL, a.Client(), true
		end = func() { _ = a.Close() }
	}
	if err := c.choose(ctx, client); err != nil {
		end()
		return nil, nil, err
	}
	return client, end, nil
}

// serverURL takes the URL as people copy it, with /v1 or without.
func serverURL(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" {
		return "", wrongUsage("--server is not a server's URL. Write http://HOST:PORT.")
	}
	return strings.TrimSuffix(strings.TrimSuffix(u.String(), "/"), "/v1"), nil
}

// httpClient keeps a connection for each request on the way. A request may take
// as long as the server's own deadline, 10 minutes, and a little.
func (c *embedCmd) httpClient() *http.Client {
	return &http.Client{Timeout: 11 * time.Minute, Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: c.Concurrency, IdleConnTimeout: 90 * time.Second,
	}}
}

// choose looks the model up: the one that was named, or the only one.
func (c *embedCmd) choose(ctx context.Context, client *embedClient) error {
	var list struct {
		Data []struct {
			ID        string `json:"id"`
			BedrockID string `json:"bedrock_id"`
		} `json:"data"`
	}
	if err := client.do(ctx, http.MethodGet, "/v1/models", nil, &list); err != nil {
		return err
	}
	var names []string
	for _, m := range list.Data {
		names = append(names, m.ID)
	}
	at := slices.Index(names, c.Model)
	switch {
	case c.Model == "" && len(names) == 1:
		at = 0
	case c.Model == "" && len(names) > 1:
		return wrongUsage("There are several models. Choose one with --model: %s.", strings.Join(names, ", "))
	case len(names) == 0:
		return exitWith(exitFaulty, "No models are configured. Add one under embeddings: in spicepod.yaml.")
	case at < 0:
		return exitWith(exitFaulty, "There is no model %q. Models: %s.", c.Model, strings.Join(names, ", "))
	}
	client.body.Model = names[at]
	client.price = client.priceOf(ctx, list.Data[at].BedrockID)
	return nil
}
