package cli

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// opening says what is about to happen.
func (t *tryPage) opening() {
	t.block("", t.bold("Adit")+" lets programs use Amazon Bedrock's embedding models without AWS keys: it serves OpenAI's API, and is an identity provider that AWS trusts. "+
		"This demo runs on this machine alone: it needs no AWS account, sends nothing elsewhere and leaves nothing behind.")
	t.line("")
}

func (t *tryPage) started(s *tryStand) {
	t.heading("Start an AWS emulator, and Adit in front of it", s.took)
	t.line("   Adit       " + s.app.URL() + "/v1")
	t.line("   issuer     https://" + tryHost + ", under a temporary CA")
	t.line("   emulator   " + s.emulator.URL())
	t.line("")
}

func (t *tryPage) embedded(model string, e tryEmbedded) {
	t.heading("Embed Adit's manual with "+model, e.took)
	each := "one text each"
	if e.largest > 1 {
		each = fmt.Sprintf("up to %d texts each", e.largest)
	}
	t.line(fmt.Sprintf("   texts      %s, %s", counted(int64(e.texts), "paragraph"), counted(int64(e.tokens), "token")))
	t.line(fmt.Sprintf("   requests   %s to POST /v1/embeddings, %s", grouped(int64(e.requests)), latency(e)))
	t.line(fmt.Sprintf("   calls      %s to Bedrock, signed, %s", grouped(int64(e.calls)), each))
	t.line(fmt.Sprintf("   vectors    %s each", counted(int64(e.dimensions), "number")))
	t.line("   the first  " + firstNumbers(e.first))
	t.line("")
}

func latency(e tryEmbedded) string {
	if e.requests == 1 {
		return "answered in " + briefly(e.median)
	}
	return fmt.Sprintf("median %s, slowest %s", briefly(e.median), briefly(e.slowest))
}

// firstNumbers shows the head of a vector in Bedrock's own digits.
func firstNumbers(text []byte) string {
	const shown = 4
	head := bytes.SplitN(bytes.Trim(text, "[]"), []byte(","), shown+1)
	return fmt.Sprintf("[%s, ...]", bytes.Join(head[:min(shown, len(head))], []byte(", ")))
}

func (t *tryPage) compared(pairs []pair, nearness []float32, took time.Duration) {
	t.heading("Compare texts: 1 is identical, about 0 is unrelated", took)
	for i, p := range pairs {
		t.line(fmt.Sprintf("   %5.2f   %s", nearness[i], t.bold(p.what)))
		t.line(fmt.Sprintf("           %q\n           %q", p.a, p.b))
	}
	t.text("The emulator's vectors are lexical: they reflect shared words, not meaning. A real model would place the second pair close together.")
	t.line("")
}

// answered shows the paragraphs that are nearest to a question.
func (t *tryPage) answered(question string, answers []answer, of int, took time.Duration) {
	t.heading("Ask: "+strings.Join(strings.Fields(question), " "), took)
	if len(answers) == 0 {
		t.text("No paragraph of the manual shares a distinctive word with that question. Try words that the manual may use; lexical vectors know no synonyms.")
		t.line("")
		return
	}
	t.text("The closest of %s:", counted(int64(of), "paragraph"))
	for _, a := range answers {
		t.line("")
		lead := fmt.Sprintf("   %5.2f   ", a.nearness)
		for _, line := range wrapped("docs/"+a.Page+", "+a.Heading, t.width-len(lead)) {
			t.line(lead + t.bold(line))
			lead = strings.Repeat(" ", len(lead))
		}
		t.quote("           ", a.Text)
		t.line(t.faint("           shared words: " + strings.Join(a.shared, ", ")))
	}
	t.line("")
}

// prompt asks for a question.
func (t *tryPage) prompt() {
	fmt.Fprint(t.w, "Ask something about Adit, or Ctrl-C to end: ")
}

// farewell says how to go on after --once.
func (t *tryPage) farewell(model string) {
	t.real(model)
	t.block("", "Both servers have stopped. Without --once they stay up, and you get curl, Python and JavaScript lines to try them with.")
}

// repeat says how to do the same by hand while the servers are up.
func (t *tryPage) repeat(s *tryStand, model string) {
	t.line(t.bold("Try it yourself") + " while this runs. The key works for this demo only.")
	for _, client := range clientLines(s.app.URL()+"/v1", s.keys[0].secret, model) {
		t.line("")
		t.line(t.faint(client.name + ":"))
		t.line(client.lines)
	}
	t.line("")
	t.line(t.faint("What AWS saw, and whom it trusts:"))
	t.line("curl " + s.emulator.URL() + "/_emulator/trail")
	t.line("curl " + s.emulator.URL() + "/_emulator/iam")
	t.line("")
	t.real(model)
}

// real says how the same is done with AWS.
func (t *tryPage) real(model string) {
	t.block("", t.bold("Real Bedrock")+", whose vectors capture meaning, takes the same steps. Adit needs a public https URL from which AWS can fetch its public keys:")
	t.line("")
	t.line("adit serve --issuer-url https://adit.example.com")
	for _, m := range tryModels() {
		if m[0] == model {
			t.line("adit env create prod --region " + tryRegion + " --model " + m[1])
		}
	}
	t.line("adit aws setup prod                 " + t.faint("# once, with an administrator's credentials"))
	t.line("adit key create my-app --env prod   " + t.faint("# the only secret that a program holds"))
	t.line(t.faint("# from a source checkout: go run ./cmd/adit serve ..."))
	t.line("")
	t.block("", "If the machine has AWS credentials already, a spicepod.yaml and `adit serve` are enough: see docs/quickstart.md.")
	t.line("")
}
