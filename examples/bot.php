<?php
// A bot: answers /echo. The token is that of POST /v1/bots. Needs the curl extension.
//   MARU=http://localhost:8080 TOKEN=maru_... php bot.php
function call(string $method, string $path, ?array $body = null): array
{
    $curl = curl_init(getenv('MARU') . "/v1$path");
    curl_setopt_array($curl, [
        CURLOPT_CUSTOMREQUEST => $method,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_HTTPHEADER => ['Authorization: Bearer ' . getenv('TOKEN'), 'Content-Type: application/json'],
    ] + ($body === null ? [] : [CURLOPT_POSTFIELDS => json_encode($body)]));
    $text = curl_exec($curl);
    $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
    if ($status < 200 || $status > 299) {
        throw new RuntimeException("$method $path: $status $text");
    }
    return json_decode($text, true);
}

$me = call('GET', '/users/me');
call('PUT', "/bots/{$me['id']}/commands/echo", ['description' => 'repeats it', 'usage' => '<text>']);
// What was asked while nothing ran is answered, too, as far as this file tells.
$file = getenv('STATE') ?: '/tmp/bot.seq';
$after = is_file($file) ? (int) file_get_contents($file) : 0;
for (; ; usleep(500000)) {
    foreach (call('GET', "/users/me/events?after=$after")['events'] as ['seq' => $seq, 'type' => $type, 'data' => $data]) {
        if ($type === 'command.invoked') {
            // The same client_id twice is one message, so an answer that was lost can be sent again.
            call('POST', "/rooms/{$data['room']}/messages", ['client_id' => "echo-{$data['mid']}", 'body' => $data['text'] ?: '...']);
        }
        file_put_contents($file, $after = $seq);
    }
}
