// Keeping a token until shortly before it expires, and waiting when the server says 429, in nine languages.
import { curl } from '../../../lib/curl';
import type { HttpRequest, Language } from './request';

const quote = (text: string) => JSON.stringify(text);

const ask = ({ json, ...request }: HttpRequest) =>
  curl({ ...request, options: ['--fail-with-body', '--retry 4', '-o "$answer"'], body: JSON.stringify(json) });

export function keep(language: Language, request: HttpRequest): string {
  const { url, headers, json = {} } = request;
  const body = JSON.stringify(json);
  const others = Object.entries(headers).filter(([name]) => name !== 'content-type');
  switch (language) {
    case 'curl':
      return `# keeps the token in a file until a minute before it expires
token() (
  umask 077
  file="\${XDG_RUNTIME_DIR:-/tmp}/token-${json['client_id'] ?? 'app'}"
  if [ ! -s "$file" ] || [ "$(sed -n 1p "$file")" -le "$(date +%s)" ]; then
    answer=$(mktemp) || exit 1
    trap 'rm -f "$answer"' EXIT
    ${ask({ ...request, json }).replaceAll('\n', '\n    ')} ||
      { cat "$answer" >&2; exit 1; }
    kept=$(jq -r '"\\(now + .expires_in - 60 | floor)\\n\\(.access_token)"' "$answer") || exit 1
    echo "$kept" > "$file"
  fi
  sed -n 2p "$file"
)
TOKEN=$(token)`;
    case 'node':
      return `let kept = { token: '', until: 0 };

export async function token() {
  if (Date.now() < kept.until) return kept.token;
  const response = await fetch('${url}', {
    method: 'POST',
    headers: ${JSON.stringify(headers)},
    body: JSON.stringify(${body}),
  });
  if (response.status === 429) {
    const seconds = Number(response.headers.get('retry-after') ?? 1);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    return token();
  }
  if (!response.ok) throw new Error(await response.text());
  const { access_token, expires_in } = await response.json();
  kept = { token: access_token, until: Date.now() + (expires_in - 60) * 1000 };
  return kept.token;
}`;
    case 'python':
      return `import threading, time
import requests

_lock = threading.Lock()
_kept = {"token": "", "until": 0.0}

def token() -> str:
    with _lock:
        while time.time() >= _kept["until"]:
            response = requests.post(
                ${quote(url)},
                headers=${JSON.stringify(headers)},
                json=${body},
                timeout=10,
            )
            if response.status_code == 429:
                time.sleep(float(response.headers.get("Retry-After", 1)))
                continue
            response.raise_for_status()
            answer = response.json()
            _kept.update(token=answer["access_token"], until=time.time() + answer["expires_in"] - 60)
        return _kept["token"]`;
    case 'go':
      return `package token

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

var (
	lock  sync.Mutex
	kept  string
	until time.Time
)

// Token is good for at least a minute.
func Token() (string, error) {
	lock.Lock()
	defer lock.Unlock()
	for time.Now().After(until) {
		request, _ := http.NewRequest("POST", ${quote(url)}, strings.NewReader(\`${body}\`))
${Object.entries(headers).map(([name, value]) => `		request.Header.Set(${quote(name)}, ${quote(value)})`).join('\n')}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return "", err
		}
		defer response.Body.Close()
		if response.StatusCode == http.StatusTooManyRequests {
			wait, _ := strconv.Atoi(response.Header.Get("Retry-After"))
			time.Sleep(time.Duration(max(wait, 1)) * time.Second)
			continue
		}
		var answer struct {
			AccessToken string \`json:"access_token"\`
			ExpiresIn   int    \`json:"expires_in"\`
		}
		if response.StatusCode != 200 || json.NewDecoder(response.Body).Decode(&answer) != nil {
			return "", fmt.Errorf("token endpoint: %s", response.Status)
		}
		kept, until = answer.AccessToken, time.Now().Add(time.Duration(answer.ExpiresIn-60)*time.Second)
	}
	return kept, nil
}`;
    case 'rust':
      return `// reqwest = { version = "0.12", features = ["json"] }, serde = { version = "1", features = ["derive"] }, serde_json = "1", tokio = { version = "1", features = ["full"] }
use std::time::{Duration, Instant};
use tokio::{sync::Mutex, time::sleep};

static KEPT: Mutex<Option<(String, Instant)>> = Mutex::const_new(None);

#[derive(serde::Deserialize)]
struct Answer { access_token: String, expires_in: u64 }

pub async fn token() -> reqwest::Result<String> {
    let mut kept = KEPT.lock().await;
    loop {
        if let Some((token, until)) = kept.as_ref().filter(|(_, until)| Instant::now() < *until) {
            let _ = until;
            return Ok(token.clone());
        }
        let response = reqwest::Client::new()
            .post(${quote(url)})
${others.map(([name, value]) => `            .header(${quote(name)}, ${quote(value)})\n`).join('')}            .json(&serde_json::json!(${body}))
            .send()
            .await?;
        if response.status() == 429 {
            let wait = response.headers().get("retry-after").and_then(|v| v.to_str().ok()?.parse().ok());
            sleep(Duration::from_secs(wait.unwrap_or(1))).await;
            continue;
        }
        let answer: Answer = response.error_for_status()?.json().await?;
        *kept = Some((answer.access_token, Instant::now() + Duration::from_secs(answer.expires_in - 60)));
    }
}`;
    case 'java':
      return `import java.net.URI;
import java.net.http.*;
import java.time.Instant;
import com.fasterxml.jackson.databind.ObjectMapper;

class Tokens {
  private String token;
  private Instant until = Instant.EPOCH;

  synchronized String token() throws Exception {
    while (!Instant.now().isBefore(until)) {
      var request = HttpRequest.newBuilder(URI.create(${quote(url)}))
${Object.entries(headers).map(([name, value]) => `          .header(${quote(name)}, ${quote(value)})`).join('\n')}
          .POST(HttpRequest.BodyPublishers.ofString("""
              ${body}""")).build();
      var response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() == 429) {
        Thread.sleep(1000 * response.headers().firstValueAsLong("retry-after").orElse(1));
        continue;
      }
      if (response.statusCode() != 200) throw new IllegalStateException(response.body());
      var answer = new ObjectMapper().readTree(response.body());
      token = answer.get("access_token").asText();
      until = Instant.now().plusSeconds(answer.get("expires_in").asLong() - 60);
    }
    return token;
  }
}`;
    case 'csharp':
      return `using System.Net;
using System.Net.Http.Json;

class Tokens(HttpClient http)
{
    readonly SemaphoreSlim gate = new(1);
    string token = "";
    DateTimeOffset until;

    record Answer(string access_token, int expires_in);

    public async Task<string> TokenAsync()
    {
        await gate.WaitAsync();
        try
        {
            while (DateTimeOffset.UtcNow >= until)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, ${quote(url)});
${others.map(([name, value]) => `                request.Headers.Add(${quote(name)}, ${quote(value)});\n`).join('')}                request.Content = JsonContent.Create(new { ${Object.entries(json).map(([name, value]) => `${name} = ${quote(value)}`).join(', ')} });
                using var response = await http.SendAsync(request);
                if (response.StatusCode == HttpStatusCode.TooManyRequests)
                {
                    await Task.Delay(response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1));
                    continue;
                }
                var answer = (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Answer>())!;
                (token, until) = (answer.access_token, DateTimeOffset.UtcNow.AddSeconds(answer.expires_in - 60));
            }
            return token;
        }
        finally { gate.Release(); }
    }
}`;
    case 'php':
      return `<?php
function token(): string {
    $file = sys_get_temp_dir() . '/token-${json['client_id'] ?? 'app'}.json';
    $kept = is_file($file) ? json_decode(file_get_contents($file), true) : null;
    if ($kept && time() < $kept['until']) return $kept['token'];
    while (true) {
        $wait = 1;
        $request = curl_init('${url}');
        curl_setopt_array($request, [
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_POST => true,
            CURLOPT_HTTPHEADER => [${Object.entries(headers).map(([name, value]) => `'${name}: ${value}'`).join(', ')}],
            CURLOPT_POSTFIELDS => '${body}',
            CURLOPT_HEADERFUNCTION => function ($_, $line) use (&$wait) {
                if (stripos($line, 'retry-after:') === 0) $wait = (int) trim(substr($line, 12));
                return strlen($line);
            },
        ]);
        $answer = json_decode(curl_exec($request), true);
        $status = curl_getinfo($request, CURLINFO_RESPONSE_CODE);
        if ($status === 429) { sleep($wait); continue; }
        if ($status !== 200) throw new RuntimeException($answer['error_description'] ?? "status $status");
        file_put_contents($file, json_encode(['token' => $answer['access_token'], 'until' => time() + $answer['expires_in'] - 60]));
        chmod($file, 0600);
        return $answer['access_token'];
    }
}`;
    case 'ruby':
      return `require "json"
require "net/http"

module Tokens
  LOCK = Mutex.new
  @until = Time.at(0)

  def self.token
    LOCK.synchronize do
      while Time.now >= @until
        response = Net::HTTP.post(URI(${quote(url)}), '${body}',
          { ${Object.entries(headers).map(([name, value]) => `${quote(name)} => ${quote(value)}`).join(', ')} })
        if response.code == "429"
          sleep((response["retry-after"] || 1).to_i)
          next
        end
        raise response.body unless response.code == "200"
        answer = JSON.parse(response.body)
        @token = answer["access_token"]
        @until = Time.now + answer["expires_in"] - 60
      end
      @token
    end
  end
end`;
  }
}
