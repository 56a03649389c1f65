// One HTTP request in nine languages. What is sent is decided elsewhere; here it is only written down.

import { curl } from '../../../lib/curl';

export type HttpRequest = {
  url: string;
  headers: Record<string, string>;
  /** `name:password`, for a command; programs have it in their headers. */
  user?: string;
  json?: Record<string, string>;
};
export type Language = 'curl' | 'csharp' | 'go' | 'java' | 'node' | 'php' | 'python' | 'ruby' | 'rust';

export const LANGUAGES: Language[] = ['curl', 'csharp', 'go', 'java', 'node', 'php', 'python', 'ruby', 'rust'];

const quote = (text: string) => JSON.stringify(text);
const single = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const WRITERS: Record<Language, (request: HttpRequest, isPost: boolean) => string> = {
  curl: ({ json, ...request }) => curl({ ...request, ...(json !== undefined && { body: JSON.stringify(json, null, 2) }) }),

  csharp: ({ url, headers, json }, isPost) => {
    const others = Object.entries(headers).filter(([name]) => name !== 'content-type');
    return `using System.Net.Http.Json;

using var http = new HttpClient();
${others.map(([name, value]) => `http.DefaultRequestHeaders.Add(${quote(name)}, ${quote(value)});\n`).join('')}var response = await http.${isPost ? 'PostAsJsonAsync' : 'GetAsync'}(${quote(url)}${json === undefined ? '' : `, new
{
${Object.entries(json).map(([name, value]) => `    ${name} = ${quote(value)},`).join('\n')}
}`});
response.EnsureSuccessStatusCode();
Console.WriteLine(await response.Content.ReadAsStringAsync());`;
  },

  go: ({ url, headers, json }, isPost) => `package main

import (
	"fmt"
	"io"
	"net/http"${json === undefined ? '' : '\n\t"strings"'}
)

func main() {
${json === undefined ? '' : `	body := strings.NewReader(\`${JSON.stringify(json)}\`)\n`}	request, err := http.NewRequest("${isPost ? 'POST' : 'GET'}", ${quote(url)}, ${json === undefined ? 'nil' : 'body'})
	if err != nil {
		panic(err)
	}
${Object.entries(headers).map(([name, value]) => `	request.Header.Set(${quote(name)}, ${quote(value)})`).join('\n')}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(response.Body)
	fmt.Println(response.Status, string(answer))
}`,

  java: ({ url, headers, json }, isPost) => `import java.net.URI;
import java.net.http.*;

public class Main {
  public static void main(String[] args) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(${quote(url)}))
${Object.entries(headers).map(([name, value]) => `        .header(${quote(name)}, ${quote(value)})`).join('\n')}
        .${isPost ? `POST(HttpRequest.BodyPublishers.ofString("""
            ${JSON.stringify(json)}"""))` : 'GET()'}
        .build();
    var response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    System.out.println(response.statusCode() + " " + response.body());
  }
}`,

  node: ({ url, headers, json }, isPost) => `const response = await fetch(${single(url)}, {${isPost ? "\n  method: 'POST'," : ''}
  headers: {
${Object.entries(headers).map(([name, value]) => `    ${single(name)}: ${single(value)},`).join('\n')}
  },${json === undefined ? '' : `
  body: JSON.stringify({
${Object.entries(json).map(([name, value]) => `    ${name}: ${single(value)},`).join('\n')}
  }),`}
});
console.log(response.status, await response.json());`,

  php: ({ url, headers, json }, isPost) => `<?php
$request = curl_init(${single(url)});
curl_setopt_array($request, [
    CURLOPT_RETURNTRANSFER => true,${isPost ? '\n    CURLOPT_POST => true,' : ''}
    CURLOPT_HTTPHEADER => [${Object.entries(headers).map(([name, value]) => single(`${name}: ${value}`)).join(', ')}],${json === undefined ? '' : `
    CURLOPT_POSTFIELDS => json_encode([
${Object.entries(json).map(([name, value]) => `        ${single(name)} => ${single(value)},`).join('\n')}
    ]),`}
]);
$answer = curl_exec($request);
echo curl_getinfo($request, CURLINFO_RESPONSE_CODE), ' ', $answer;`,

  python: ({ url, headers, json }, isPost) => {
    const others = Object.entries(headers).filter(([name]) => name !== 'content-type');
    return `import requests

response = requests.${isPost ? 'post' : 'get'}(
    ${quote(url)},
${others.length === 0 ? '' : `    headers={${others.map(([name, value]) => `${quote(name)}: ${quote(value)}`).join(', ')}},\n`}${json === undefined ? '' : `    json={
${Object.entries(json).map(([name, value]) => `        ${quote(name)}: ${quote(value)},`).join('\n')}
    },
`}    timeout=10,
)
response.raise_for_status()
print(response.json())`;
  },

  ruby: ({ url, headers, json }, isPost) => `require "json"
require "net/http"

uri = URI(${quote(url)})
headers = { ${Object.entries(headers).map(([name, value]) => `${quote(name)} => ${quote(value)}`).join(', ')} }
response = ${isPost ? `Net::HTTP.post(uri, {
${Object.entries(json ?? {}).map(([name, value]) => `  ${quote(name)} => ${quote(value)},`).join('\n')}
}.to_json, headers)` : 'Net::HTTP.get_response(uri, headers)'}
puts response.code, response.body`,

  rust: ({ url, headers, json }, isPost) => {
    const others = Object.entries(headers).filter(([name]) => name !== 'content-type');
    return `// reqwest = { version = "0.12", features = ["json"] }, serde_json = "1", tokio = { version = "1", features = ["full"] }
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let response = reqwest::Client::new()
        .${isPost ? 'post' : 'get'}(${quote(url)})
${others.map(([name, value]) => `        .header(${quote(name)}, ${quote(value)})\n`).join('')}${json === undefined ? '' : `        .json(&serde_json::json!({
${Object.entries(json).map(([name, value]) => `            ${quote(name)}: ${quote(value)},`).join('\n')}
        }))
`}        .send()
        .await?
        .error_for_status()?;
    println!("{}", response.text().await?);
    Ok(())
}`;
  },
};

/** The request as a small program; with a body it is a POST, otherwise a GET. */
export const write = (language: Language, request: HttpRequest): string => WRITERS[language](request, request.json !== undefined);
