package studio

import (
	"strconv"
	"strings"
	"unicode"
)

// snippet is a request to /v1/embeddings, written out in one language. It runs as
// it stands and needs no library; the key comes from the environment variable
// ADIT_API_KEY and is never in it.
type snippet struct {
	ID       string // for the page
	Language string
	Code     string
}

// snippets are the request in all languages. base is where the server is, such
// as https://adit.example.com.
func snippets(base, model string, texts []string) []snippet {
	url := strings.TrimRight(base, "/") + "/v1/embeddings"
	return []snippet{
		{"curl", "curl", curlCode(url, model, texts)},
		{"python", "Python", pythonCode(url, model, texts)},
		{"javascript", "JavaScript", javascriptCode(url, model, texts)},
		{"go", "Go", goCode(url, model, texts)},
	}
}

func curlCode(url, model string, texts []string) string {
	body := "{\n  \"model\": " + jsonText(model) + ",\n  \"input\": " + list(texts, "[", "]", "    ", "  ", jsonText, false) + "\n}"
	return "curl " + shellText(url) + " \\\n" +
		"  --fail-with-body \\\n" +
		"  --header \"Authorization: Bearer $ADIT_API_KEY\" \\\n" +
		"  --header 'Content-Type: application/json' \\\n" +
		"  --data-binary " + shellText(body) + "\n"
}

func pythonCode(url, model string, texts []string) string {
	return `import json, os, urllib.request

request = urllib.request.Request(
    ` + escaped(url) + `,
    headers={
        "Authorization": "Bearer " + os.environ["ADIT_API_KEY"],
        "Content-Type": "application/json",
    },
    data=json.dumps({
        "model": ` + escaped(model) + `,
        "input": ` + list(texts, "[", "]", "            ", "        ", escaped, true) + `,
    }).encode(),
)
with urllib.request.urlopen(request) as answer:
    for item in json.load(answer)["data"]:
        print(item["index"], item["embedding"][:4])
`
}

func javascriptCode(url, model string, texts []string) string {
	return `// Node.js 18 or newer, as an ES module (.mjs).
const answer = await fetch(` + jsonText(url) + `, {
  method: "POST",
  headers: {
    "Authorization": ` + "`Bearer ${process.env.ADIT_API_KEY}`" + `,
    "Content-Type": "application/json",
  },
  body: JSON.stringify({
    model: ` + jsonText(model) + `,
    input: ` + list(texts, "[", "]", "      ", "    ", jsonText, true) + `,
  }),
});
if (!answer.ok) throw new Error(await answer.text());
for (const item of (await answer.json()).data) {
  console.log(item.index, item.embedding.slice(0, 4));
}
`
}

func goCode(url, model string, texts []string) string {
	return `package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
)

func main() {
	body, err := json.Marshal(map[string]any{
		"model": ` + escaped(model) + `,
		"input": []string` + list(texts, "{", "}", "\t\t\t", "\t\t", escaped, true) + `,
	})
	if err != nil {
		log.Fatal(err)
	}
	request, err := http.NewRequest("POST", ` + escaped(url) + `, bytes.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("ADIT_API_KEY"))
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(answer.Body)
		log.Fatalf("%s: %s", answer.Status, said)
	}
	var out struct {
		Data []struct {
			Index     int
			Embedding []float32
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
		log.Fatal(err)
	}
	for _, item := range out.Data {
		fmt.Println(item.Index, item.Embedding[:min(4, len(item.Embedding))])
	}
}
`
}

// list writes texts as a list of the language, one a line.
func list(texts []string, begin, end, indent, last string, quote func(string) string, comma bool) string {
	var b strings.Builder
	b.WriteString(begin)
	for i, t := range texts {
		b.WriteString("\n" + indent + quote(t))
		if comma || i < len(texts)-1 {
			b.WriteString(",")
		}
	}
	if len(texts) > 0 {
		b.WriteString("\n" + last)
	}
	return b.String() + end
}

// escaped writes a text as Go and Python both read it: what is seen stays, what
// is not seen, or turns the direction of what follows, is written as its number.
func escaped(s string) string { return strconv.Quote(strings.ToValidUTF8(s, "\uFFFD")) }

// jsonText writes a text as JSON and JavaScript both read it, with the same care.
func jsonText(s string) string {
	const hex = "0123456789abcdef"
	var b strings.Builder
	b.WriteByte('"')
	unit := func(r rune) {
		b.WriteString(`\u`)
		for shift := 12; shift >= 0; shift -= 4 {
			b.WriteByte(hex[r>>shift&0xF])
		}
	}
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xFFFF: // two halves, as UTF-16 has them
			unit(0xD800 + (r-0x10000)>>10)
			unit(0xDC00 + (r-0x10000)&0x3FF)
		default:
			unit(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// shellText quotes a text for every POSIX shell. It must have no NUL: no program
// takes one in its arguments.
func shellText(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
