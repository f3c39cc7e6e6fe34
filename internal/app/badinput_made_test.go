package app_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/app"
)

// badServer is how a server of the tables differs from the plain one.
type badServer struct {
	change func(*app.Settings)
	aws    []emulator.Option
	before func(url string) *http.Request // sent once it runs
}

func badServers() map[string]badServer {
	within := func(d time.Duration) func(*app.Settings) { return func(s *app.Settings) { s.Timeout = d } }
	spoiled := func(d time.Duration, f emulator.Fault) badServer {
		return badServer{change: within(d), aws: []emulator.Option{emulator.WithFault(f)}}
	}
	denying := emulator.Key{AccessKeyID: "AKIADENIED", SecretAccessKey: "the-emulator-takes-any", Policies: []string{
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"bedrock:*","Resource":"*"}]}`,
	}}
	return map[string]badServer{
		"plain":         {},
		"keys":          {change: func(s *app.Settings) { s.APIKeys = apiKeys("sk-0123456789abcdef") }},
		"1 KiB":         {change: func(s *app.Settings) { s.MaxBody = 1 << 10 }},
		"hurried":       {change: within(time.Second), before: embedding("slow", "", "first", "second")},
		"no AWS keys":   {change: func(s *app.Settings) { s.Environ = []string{"AWS_EC2_METADATA_DISABLED=true"} }},
		"denied":        {aws: []emulator.Option{emulator.WithKey(denying)}},
		"throttled":     spoiled(time.Second, emulator.Fault{Kind: emulator.FaultThrottle}),
		"out of order":  spoiled(time.Second, emulator.Fault{Kind: emulator.FaultStatus, Status: 503}),
		"unreachable":   spoiled(time.Second, emulator.Fault{Kind: emulator.FaultCut}),
		"slow":          spoiled(time.Second, emulator.Fault{Kind: emulator.FaultDelay, Delay: time.Hour}),
		"garbled":       spoiled(time.Second, emulator.Fault{Kind: emulator.FaultMalformed}),
		"short":         spoiled(time.Second, emulator.Fault{Kind: emulator.FaultWrongCount}),
		"expired":       spoiled(time.Second, emulator.Fault{Kind: emulator.FaultExpiredToken}),
		"unknown model": spoiled(time.Second, emulator.Fault{Kind: emulator.FaultStatus, Status: 404}),
	}
}

// madeInput is an input that a table cannot hold: too long, or more than a body.
type madeInput struct {
	server  string
	request func(url string) *http.Request
}

func madeInputs() map[string]madeInput {
	const good = `{"model":"titan","input":"a"}`
	plain := func(request func(string) *http.Request) madeInput { return madeInput{"plain", request} }
	all := map[string]madeInput{
		"an empty body":                                 plain(jsonBody("")),
		"a body that is not UTF-8":                      plain(jsonBody("{\"model\":\"titan\",\"input\":\"\xff\"}")),
		"a body in UTF-16":                              plain(jsonBody("\xff\xfe{\x00}\x00")),
		"a body with `Content-Type: text/plain`":        plain(with(jsonBody(good), "Content-Type", "text/plain")),
		"a body without a content type":                 plain(with(jsonBody(good), "Content-Type", "")),
		"a form":                                        plain(with(jsonBody("model=titan&input=a"), "Content-Type", "application/x-www-form-urlencoded")),
		"a body with `Content-Encoding: gzip`":          plain(with(jsonBody(good), "Content-Encoding", "gzip")),
		"a body over `--max-body`, here 1 KiB":          {"1 KiB", embedding("titan", "", words(2000))},
		"`GET /v1/embeddings`":                          plain(at("GET", "/v1/embeddings")),
		"`POST /v1/models`":                             plain(at("POST", "/v1/models")),
		"`DELETE /v1/models/titan`":                     plain(at("DELETE", "/v1/models/titan")),
		"`GET /v1/models/nobody`":                       plain(at("GET", "/v1/models/nobody")),
		"`POST /v1/chat/completions`":                   plain(at("POST", "/v1/chat/completions")),
		"`POST /embeddings`":                            plain(at("POST", "/embeddings")),
		"`POST /v1//embeddings`":                        plain(at("POST", "/v1//embeddings")),
		"no key, on a server with keys":                 {"keys", jsonBody(good)},
		"a wrong key":                                   {"keys", with(jsonBody(good), "Authorization", "Bearer sk-0123456789abcdeX")},
		"the right key as `Authorization: Basic`":       {"keys", with(jsonBody(good), "Authorization", "Basic sk-0123456789abcdef")},
		"another `Host`, on a server without keys":      plain(host(jsonBody(good), "adit.example.com")),
		"an `Origin`, on a server without keys":         plain(with(jsonBody(good), "Origin", "https://page.example")),
		"to `titan`: a text of 50,001 characters":       plain(embedding("titan", "", words(50_001))),
		"to `titan-v1`: a text of 50,001 characters":    plain(embedding("titan-v1", "", "short", words(50_001))),
		"to `cohere`: a text of 2,049 characters":       plain(embedding("cohere", "", "short", words(2_049))),
		"the same with `truncate` START":                plain(embedding("cohere", "START", "short", words(2_049))),
		"the same with `truncate` END":                  plain(embedding("cohere", "END", "short", words(2_049))),
		"to `cohere`: 2,048 characters of 4 bytes":      plain(embedding("cohere", "END", strings.Repeat("𝛼", 2_048))),
		"to `cohere-v4`: a text of 2,049 characters":    plain(embedding("cohere-v4", "", words(2_049))),
		"to `nova`: a text of 8,193 characters":         plain(embedding("nova", "", "short", words(8_193))),
		"to `nova`: the same with `truncate` START":     plain(embedding("nova", "START", words(8_193))),
		"to `nova`: the same with `truncate` END":       plain(embedding("nova", "END", words(8_193))),
		"to `titan`: a text of 8,193 tokens":            plain(embedding("titan", "", "short", tokens(8_193))),
		"to `titan-v1`: a text of 8,193 tokens":         plain(embedding("titan-v1", "", "short", tokens(8_193))),
		"to `titan-mm`: a text of 257 tokens":           plain(embedding("titan-mm", "", tokens(257))),
		"to `cohere`: 96 texts, the 71st of 513 tokens": plain(embedding("cohere", "", pack(70, tokens(513))...)),
		"to `cohere`: 513 tokens with `truncate` START": plain(embedding("cohere", "START", tokens(513))),
		"to `cohere`: 513 tokens with `truncate` END":   plain(embedding("cohere", "END", tokens(513))),
		"to `cohere-v4`: a text of 128,001 tokens":      plain(embedding("cohere-v4", "", tokens(128_001))),
		"to `cohere-v4`: the same with `truncate` END":  plain(embedding("cohere-v4", "END", tokens(128_001))),
		"to `nova`: 30,000 texts":                       plain(embedding("nova", "", manyTexts()...)),
		"to `slow`: 100 different texts":                plain(embedding("slow", "", pack(0, "first")...)),
		"to `slow`: a third call within a second":       {"hurried", embedding("slow", "", "third")},
	}
	for name, server := range map[string]string{
		"AWS denies the call": "denied", "AWS has no such model": "unknown model", "AWS calls fresh credentials expired": "expired", "AWS throttles until the deadline": "throttled",
		"AWS answers 503 until the deadline": "out of order", "AWS cuts every connection": "unreachable", "AWS does not answer before the deadline": "slow",
		"AWS answers half of its JSON": "garbled", "AWS answers a vector too few": "short", "no source has AWS credentials": "no AWS keys",
	} {
		all[name] = madeInput{server, jsonBody(good)}
	}
	return all
}

// manyTexts are more texts than one answer of 3,072 numbers each holds.
func manyTexts() []string {
	texts := make([]string, 30_000)
	for i := range texts {
		texts[i] = "a"
	}
	return texts
}

// jsonBody posts a body as JSON.
func jsonBody(body string) func(string) *http.Request {
	return func(url string) *http.Request {
		r, _ := http.NewRequest(http.MethodPost, url+"/v1/embeddings", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		return r
	}
}

func embedding(model, truncate string, texts ...string) func(string) *http.Request {
	members := map[string]any{"model": model, "input": texts}
	if truncate != "" {
		members["truncate"] = truncate
	}
	var body bytes.Buffer
	_ = json.NewEncoder(&body).Encode(members) // strings always encode
	return jsonBody(body.String())
}

func with(request func(string) *http.Request, header, value string) func(string) *http.Request {
	return func(url string) *http.Request {
		r := request(url)
		r.Header.Del(header)
		if value != "" {
			r.Header.Set(header, value)
		}
		return r
	}
}

func host(request func(string) *http.Request, name string) func(string) *http.Request {
	return func(url string) *http.Request {
		r := request(url)
		r.Host = name
		return r
	}
}

func at(method, path string) func(string) *http.Request {
	return func(url string) *http.Request {
		r, _ := http.NewRequest(method, url+path, http.NoBody)
		return r
	}
}

// words returns a text of n characters, most of them in words of twelve.
func words(n int) string { return strings.Repeat("abcdefghijk ", n/12+1)[:n] }

// tokens returns a text of n of the emulator's tokens.
func tokens(n int) string { return strings.TrimSpace(strings.Repeat("a ", n)) }

// pack returns 100 texts, or 96 where a long one stands at place i.
func pack(i int, special string) []string {
	texts := make([]string, 100)
	if i > 0 {
		texts = texts[:96]
	}
	for n := range texts {
		texts[n] = "text " + strconv.Itoa(n)
	}
	texts[i] = special
	return texts
}
