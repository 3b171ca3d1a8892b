// SPDX-License-Identifier: MIT
// One's own bots. A token is shown once, when it is made.
import { useState } from 'preact/hooks';
import type { components } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import { Avatar } from '../ui/avatar';
import { ask, confirmed, FormDialog } from '../ui/dialog';
import { Field, valueOf } from '../ui/form';
import { Icon } from '../ui/icon';
import { PagesEnd, Trouble, useAttempt, usePages } from '../ui/pages';
import { Part } from '../ui/screen';

type Bot = components['schemas']['Bot'];
type WithToken = components['schemas']['NewBotToken'];

export function Bots() {
  const pages = usePages<Bot>(async (cursor) => {
    const { bots, next } = await rest.get('/v1/bots', { ...cursor && { cursor } });
    return { items: bots, next };
  });
  const [problem, attempt] = useAttempt();
  const make = () => attempt(async () => {
    const bot = await ask<WithToken>((close) => (
      <FormDialog id="new-bot" heading={t('newBot')} about={t('newBotAbout')} yes={t('makeBot')} close={close}
        submit={async (form) => close(await rest.post('/v1/bots', {}, { name: valueOf(form, 'name').trim().toLowerCase(), nickname: valueOf(form, 'nickname').trim() }))}>
        <Field name="name" label={t('name')} hint={t('nameHint')} maxLength={20} autocapitalize="none" spellcheck={false} required />
        <Field name="nickname" label={t('nickname')} maxLength={30} required />
      </FormDialog>
    ));
    if (!bot) return;
    pages.reload();
    await showToken(bot.nickname, bot.token);
  });
  const renew = (bot: Bot) => attempt(async () => {
    if (!await confirmed(t('renewTokenAsk', { name: bot.nickname }), t('renewToken'))) return;
    await showToken(bot.nickname, (await rest.post('/v1/bots/{bot}/token', { bot: bot.id }, {})).token);
  });
  const remove = (bot: Bot) => attempt(async () => {
    if (!await confirmed(t('deleteBotAsk', { name: bot.nickname }), t('deleteBot'))) return;
    await rest.delete('/v1/bots/{bot}', { bot: bot.id });
    pages.reload();
  });
  return (
    <Part title={t('bots')} about={t('botsAbout')} action={<button type="button" class="small" onClick={() => void make()}><Icon name="plus" />{t('newBot')}</button>}>
      <Trouble text={problem} />
      <ul class="rows">
        {pages.items.map((bot) => (
          <li key={bot.id} class="row-item">
            <Avatar id={bot.id} name={bot.nickname} emblem={bot.avatar} />
            <span class="text"><span class="title"><bdi>{bot.nickname}</bdi></span><span class="about">@{bot.name}</span></span>
            <button type="button" class="small" aria-label={t('renewTokenOf', { name: bot.nickname })} onClick={() => void renew(bot)}>{t('renewToken')}</button>
            <button type="button" class="square" aria-label={t('deleteBotOf', { name: bot.nickname })} onClick={() => void remove(bot)}><Icon name="trash" /></button>
          </li>
        ))}
      </ul>
      <PagesEnd pages={pages} empty={t('noBots')} />
    </Part>
  );
}

async function showToken(name: string, token: string): Promise<void> {
  await ask((close) => <TokenDialog name={name} token={token} close={() => close(null)} />);
}

function TokenDialog({ name, token, close }: { name: string; token: string; close: () => void }) {
  const [copied, setCopied] = useState(false);
  return (
    <dialog id="token" aria-labelledby="token-heading" aria-describedby="token-about">
      <form onSubmit={(event) => event.preventDefault()}>
        <h2 id="token-heading">{t('tokenOf', { name })}</h2>
        <p id="token-about">{t('tokenOnce')}</p>
        <code class="token" tabIndex={0}>{token}</code>
        <div class="actions">
          <button type="button" onClick={() => void navigator.clipboard?.writeText(token).then(() => setCopied(true))}><Icon name="copy" /><span role="status">{t(copied ? 'copied' : 'copy')}</span></button>
          <button type="button" class="primary" data-cancel onClick={close}>{t('close')}</button>
        </div>
      </form>
    </dialog>
  );
}
