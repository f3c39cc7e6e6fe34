package cli

import "fmt"

// clientLine is a request as one client writes it.
type clientLine struct{ name, lines string }

// clientLines are requests that can be pasted as they are. They hold the key.
func clientLines(base, key, model string) []clientLine {
	return []clientLine{
		{"curl", fmt.Sprintf(`curl %s/embeddings \
  -H "Authorization: Bearer %s" \
  -H "Content-Type: application/json" \
  -d '{"model": "%s", "input": "Good morning"}'`, base, key, model)},
		{"Python, after `pip install openai`", fmt.Sprintf(`from openai import OpenAI
client = OpenAI(
    base_url="%s",
    api_key="%s")
answer = client.embeddings.create(model="%s", input=["Good morning"])
print(answer.data[0].embedding[:3])`, base, key, model)},
		{"JavaScript, in a file that ends with .mjs, after `npm install openai`", fmt.Sprintf(`import OpenAI from "openai";
const client = new OpenAI({
  baseURL: "%s",
  apiKey: "%s" });
const answer = await client.embeddings.create(
  { model: "%s", input: ["Good morning"] });
console.log(answer.data[0].embedding.slice(0, 3));`, base, key, model)},
	}
}
